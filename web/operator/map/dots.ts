// Thousands of points on one canvas over a Leaflet map: each kind is drawn once and then copied, and while the map is
// dragged nothing is drawn at all.
import type { Layer, Map as LeafletMap, Point as Pixel } from "leaflet";
import type { Point } from "@shared/geo";

export interface Dot {
  id: string;
  at: Point;
  /** The name of its look. */
  look: string;
}
export interface Look {
  radius: number;
  fill: string;
  edge: string;
  shape: "disc" | "square" | "ring";
}

const MARGIN = 0.35;
const REACH_PX = 14;
// The world of Web Mercator at zoom 0.
const WORLD_PX = 256;
// The last drawing stands in the browser's own timeline under this name.
const DRAWN = "map.draw";

export interface DotLayer {
  layer: Layer;
  show: (dots: readonly Dot[], chosen: string | null) => void;
  restyle: (looks: Record<string, Look>) => void;
  /** The topmost dot under this pixel of the container. */
  under: (pixel: Pixel) => Dot | null;
}

export function dotLayer(leaflet: typeof import("leaflet"), given: Record<string, Look>, shown: (at: Point) => [number, number]): DotLayer {
  const canvas = document.createElement("canvas");
  canvas.className = "leaflet-zoom-hide";
  canvas.style.pointerEvents = "none";
  let looks = given;
  let dots: readonly Dot[] = [];
  let chosen: string | null = null;
  let map: LeafletMap | undefined;
  let frame = 0;
  const stamps = new Map<string, HTMLCanvasElement>();

  function stampOf(name: string): HTMLCanvasElement {
    let stamp = stamps.get(name);
    if (stamp) return stamp;
    const look = looks[name] ?? { radius: 4, fill: "#888", edge: "#fff", shape: "disc" };
    const scale = devicePixelRatio;
    const size = Math.ceil((look.radius + 2) * 2 * scale);
    stamp = document.createElement("canvas");
    stamp.width = stamp.height = size;
    const pen = stamp.getContext("2d")!;
    pen.scale(scale, scale);
    const middle = size / scale / 2;
    pen.beginPath();
    if (look.shape === "square") pen.roundRect(middle - look.radius, middle - look.radius, look.radius * 2, look.radius * 2, 2);
    else pen.arc(middle, middle, look.radius, 0, Math.PI * 2);
    pen.lineWidth = look.shape === "ring" ? 2.5 : 1.5;
    if (look.shape !== "ring") {
      pen.fillStyle = look.fill;
      pen.fill();
    }
    pen.strokeStyle = look.edge;
    pen.stroke();
    stamps.set(name, stamp);
    return stamp;
  }

  function draw(): void {
    frame = 0;
    if (!map) return;
    const startedMs = performance.now();
    const size = map.getSize();
    const margin = size.multiplyBy(MARGIN).round();
    const corner = map.containerPointToLayerPoint(leaflet.point(0, 0)).subtract(margin);
    const scale = devicePixelRatio;
    const [width, height] = [size.x + margin.x * 2, size.y + margin.y * 2];
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    leaflet.DomUtil.setPosition(canvas, corner);
    const pen = canvas.getContext("2d")!;
    const world = WORLD_PX * 2 ** map.getZoom();
    const origin = map.getPixelOrigin().add(corner);
    const put = (dot: Dot, name: string) => {
      // The map's own projection, without an object for each of thousands of points.
      const [lat, lng] = shown(dot.at);
      const sine = Math.sin((lat * Math.PI) / 180);
      const x = (lng / 360 + 0.5) * world - origin.x;
      const y = (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * world - origin.y;
      if (x < 0 || y < 0 || x > width || y > height) return;
      const stamp = stampOf(name);
      pen.drawImage(stamp, Math.round(x * scale - stamp.width / 2), Math.round(y * scale - stamp.height / 2));
    };
    for (const dot of dots) put(dot, dot.look);
    const one = chosen === null ? undefined : dots.find((each) => each.id === chosen);
    if (one) {
      put(one, one.look);
      put(one, "chosen");
    }
    performance.clearMeasures(DRAWN);
    performance.measure(DRAWN, { start: startedMs });
  }
  const later = () => (frame ||= requestAnimationFrame(draw));

  const Canvas = leaflet.Layer.extend({
    onAdd(to: LeafletMap) {
      map = to;
      to.getPanes().overlayPane.append(canvas);
      to.on("moveend zoomend resize viewreset", later);
      later();
    },
    onRemove(from: LeafletMap) {
      from.off("moveend zoomend resize viewreset", later);
      cancelAnimationFrame(frame);
      canvas.remove();
      map = undefined;
    },
  });

  return {
    layer: new (Canvas as new () => Layer)(),
    show(next, one) {
      dots = next;
      chosen = one;
      later();
    },
    restyle(next) {
      looks = next;
      stamps.clear();
      later();
    },
    under(pixel) {
      let best: Dot | null = null;
      let bestPx = REACH_PX;
      for (const dot of dots) {
        const at = map?.latLngToContainerPoint(shown(dot.at));
        const far = at ? at.distanceTo(pixel) : Infinity;
        if (far <= bestPx) [best, bestPx] = [dot, far];
      }
      return best;
    },
  };
}
