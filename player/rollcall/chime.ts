import { memorize, recalled } from '../ui/browser-memory.ts';

const KEY = 'lectern.rollcall.silent';
/** Two notes, hertz. */
const NOTES = [659.3, 880];
const NOTE_S = 0.16;
const LOUDNESS = 0.12;
const BEGUN_WITHIN_MS = 500;

/** Whether questions are heard as well as seen. */
export function isChimeOn(): boolean {
  return recalled(KEY) !== 'yes';
}

/** Turns the sound of questions on or off, and remembers it. */
export function setChime(isOn: boolean): void {
  memorize(KEY, isOn ? null : 'yes');
}

/** Plays two soft notes, where the browser allows it. */
export function chime(): void {
  if (!isChimeOn()) return;
  try {
    const context = new AudioContext();
    // Before the first tap on the page browsers play no sound: the notes would be played at the tap, too late.
    setTimeout(() => {
      if (context.state === 'suspended') void context.close();
    }, BEGUN_WITHIN_MS);
    for (const [i, hertz] of NOTES.entries()) {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const fromS = context.currentTime + i * NOTE_S;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(0, fromS);
      volume.gain.linearRampToValueAtTime(LOUDNESS, fromS + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, fromS + NOTE_S * 2);
      tone.connect(volume).connect(context.destination);
      tone.start(fromS);
      tone.stop(fromS + NOTE_S * 2);
      if (i === NOTES.length - 1) tone.addEventListener('ended', () => void context.close());
    }
  } catch {
    // The question works without sound.
  }
}
