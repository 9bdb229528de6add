// The one place that knows two datums: phones in China and Chinese map tiles speak GCJ-02, the server keeps
// WGS-84. The same arithmetic as config/geometry.py; outside of China the two are the same.
export interface Point {
  lat: number;
  lng: number;
}

const A = 6378245.0;
const EE = 0.00669342162296594323;

function isOutside({ lat, lng }: Point): boolean {
  return lng < 72.004 || lng > 137.8347 || lat < 0.8293 || lat > 55.8271;
}

function waves(x: number): number {
  return ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
}

function shift({ lat, lng }: Point): Point {
  const x = lng - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const dLat =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves(x) +
    ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3 +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  const dLng =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves(x) +
    ((20 * Math.sin(x * Math.PI) + 40 * Math.sin((x / 3) * Math.PI)) * 2) / 3 +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const radians = (lat / 180) * Math.PI;
  const magic = 1 - EE * Math.sin(radians) ** 2;
  return {
    lat: (dLat * 180) / (((A * (1 - EE)) / (magic * Math.sqrt(magic))) * Math.PI),
    lng: (dLng * 180) / ((A / Math.sqrt(magic)) * Math.cos(radians) * Math.PI),
  };
}

export function toGcj02(point: Point): Point {
  if (isOutside(point)) return { lat: point.lat, lng: point.lng };
  const by = shift(point);
  return { lat: point.lat + by.lat, lng: point.lng + by.lng };
}

export function toWgs84(point: Point): Point {
  if (isOutside(point)) return { lat: point.lat, lng: point.lng };
  // The shift changes slowly: a few rounds bring the way back below a millimetre.
  let guess = point;
  for (let round = 0; round < 6; round += 1) {
    const there = toGcj02(guess);
    guess = { lat: guess.lat + point.lat - there.lat, lng: guess.lng + point.lng - there.lng };
  }
  return guess;
}

const EARTH_M = 6371008.8;

/** Straight, in metres. */
export function distanceM(a: Point, b: Point): number {
  const rad = Math.PI / 180;
  const dLat = (b.lat - a.lat) * rad;
  const dLng = (b.lng - a.lng) * rad;
  const h =
    Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLng / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}

/** The way there in AMap, which speaks GCJ-02, and in whatever app of the phone takes geo: links (WGS-84). */
export function wayLinks(to: Point, name: string): { amap: string; geo: string } {
  const { lat, lng } = toGcj02(to);
  const called = encodeURIComponent(name);
  return {
    amap: `https://uri.amap.com/navigation?to=${lng.toFixed(6)},${lat.toFixed(6)},${called}&mode=car&coordinate=gaode`,
    geo: `geo:${to.lat.toFixed(6)},${to.lng.toFixed(6)}?q=${to.lat.toFixed(6)},${to.lng.toFixed(6)}(${called})`,
  };
}

/** Where this device is, in WGS-84 as browsers give it. Rejects when it is not told. */
export function whereAmI(timeoutMs = 10_000): Promise<Point & { accuracyM: number }> {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error("no geolocation"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({ lat: coords.latitude, lng: coords.longitude, accuracyM: Math.round(coords.accuracy) }),
      reject,
      { enableHighAccuracy: true, timeout: timeoutMs, maximumAge: 15_000 },
    );
  });
}
