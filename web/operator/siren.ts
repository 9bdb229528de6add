// The sound of an alarm that nobody has taken up: two tones every other second. Browsers let a page sound only after
// somebody has touched it; until then `isMute` says so.
import { ref } from "vue";

const EVERY_MS = 2_000;
const TONES_HZ = [880, 660] as const;
const TONE_S = 0.22;

export const isMute = ref(true);
let context: AudioContext | undefined;
let timer: ReturnType<typeof setInterval> | undefined;

function awake(): AudioContext {
  context ??= new AudioContext();
  context.onstatechange = () => (isMute.value = context?.state !== "running");
  return context;
}

/** To be called from a touch or a key. */
export async function unmute(): Promise<void> {
  const sounding = awake();
  await sounding.resume();
  isMute.value = sounding.state !== "running";
}

function sound(): void {
  const sounding = awake();
  if (sounding.state !== "running") return;
  TONES_HZ.forEach((hz, place) => {
    const tone = sounding.createOscillator();
    const loudness = sounding.createGain();
    const at = sounding.currentTime + place * TONE_S;
    tone.type = "square";
    tone.frequency.value = hz;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.25, at + 0.02);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + TONE_S);
    tone.connect(loudness).connect(sounding.destination);
    tone.start(at);
    tone.stop(at + TONE_S);
  });
}

export function ring(isRinging: boolean): void {
  clearInterval(timer);
  timer = undefined;
  if (!isRinging) return;
  sound();
  timer = setInterval(sound, EVERY_MS);
}
