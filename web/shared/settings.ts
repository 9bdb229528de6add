// What the page was served with: known before the first request.
export interface Settings {
  demo: boolean;
  cancel_free_h: number;
  cancel_fee_percent: number;
  geofence_m: number;
  dwell_min_percent: number;
  promise_min: Record<"routine" | "soon" | "urgent", number>;
  tiles: string | null;
  tiles_crs: "wgs84" | "gcj02";
  tiles_credit: string;
}

const DEFAULTS: Settings = {
  demo: false,
  cancel_free_h: 4,
  cancel_fee_percent: 20,
  geofence_m: 300,
  dwell_min_percent: 50,
  promise_min: { routine: 240, soon: 60, urgent: 20 },
  tiles: null,
  tiles_crs: "wgs84",
  tiles_credit: "",
};

function read(): Settings {
  const told = globalThis.document?.getElementById("settings")?.textContent;
  return told ? { ...DEFAULTS, ...(JSON.parse(told) as Partial<Settings>) } : DEFAULTS;
}

export const settings: Settings = read();
