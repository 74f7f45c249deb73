import { type Level, levelOfHeight } from '../abr/levels.ts';
import { recall, remember } from '../playback/remembered.ts';
import type { LevelController } from './level-controller.ts';
import type { LiveEngine } from './live-engine.ts';
import type { LiveView } from './live-view.ts';

/** What the viewer chose to see: a level, automatic, or the sound alone. The choice is remembered for the next visit. */
export class LiveQuality {
  readonly #view: LiveView;
  readonly #levels: LevelController;
  readonly #rebuild: () => void;
  #audioUrl: string | null = null;
  #arePicturesOff = false;
  #maxLevel = Number.POSITIVE_INFINITY;

  /** @param rebuild makes a new engine, for another playlist */
  constructor(view: LiveView, levels: LevelController, rebuild: () => void) {
    this.#view = view;
    this.#levels = levels;
    this.#rebuild = rebuild;
  }

  /** Playlist of the sound, where it is played alone; else null. */
  get audioOnlyUrl(): string | null {
    return this.#view.audioOnly.value || this.#arePicturesOff ? this.#audioUrl : null;
  }

  /** The address of the sound is out of date: the next engine finds the new one. */
  forgetAudioUrl(): void {
    this.#audioUrl = null;
  }

  /** @param index into `view.levels`, or null for automatic */
  setQuality(index: number | null): void {
    const { chosen, levels, audioOnly } = this.#view;
    chosen.value = index;
    remember({ qualityPx: index === null ? null : (levels.value[index]?.heightPx ?? null) });
    if (audioOnly.value) this.setAudioOnly(false);
    else if (index !== null) this.#levels.want(index);
  }

  /** Plays the sound alone, or picture and sound again. */
  setAudioOnly(isAudioOnly: boolean): void {
    const { audioOnly } = this.#view;
    if (isAudioOnly === audioOnly.value || (isAudioOnly && this.#audioUrl === null)) return;
    audioOnly.value = isAudioOnly;
    remember({ audioOnly: isAudioOnly });
    this.#rebuild();
  }

  /** Plays the sound alone because the machine cannot do more; nothing of it is remembered. */
  setPicturesOff(areOff: boolean): void {
    if (areOff === this.#arePicturesOff) return;
    const was = this.audioOnlyUrl;
    this.#arePicturesOff = areOff;
    if (this.audioOnlyUrl !== was) this.#rebuild();
  }

  /** The engine knows its levels: starts to load one of them, or the sound alone with another engine. */
  start(engine: LiveEngine, levels: readonly Level[]): void {
    const { audioOnly, audioOnlyPossible, chosen, levels: known } = this.#view;
    if (this.audioOnlyUrl !== null) {
      engine.start(0);
      return;
    }
    const isFirst = known.value.length === 0;
    known.value = levels;
    this.#audioUrl = engine.audioOnlyUrl();
    audioOnlyPossible.value = this.#audioUrl !== null;
    if (this.audioOnlyUrl !== null) {
      this.#rebuild();
      return;
    }
    audioOnly.value = false;
    const { qualityPx } = recall();
    if (isFirst && qualityPx !== null) chosen.value = levelOfHeight(levels, qualityPx);
    const first = chosen.value ?? this.#levels.start(levels);
    engine.start(Math.min(first, this.#maxLevel));
  }

  /**
   * Decides which level is wanted next. To be called a few times a second while playback is fine.
   *
   * @param maxLevel index of the highest level that the machine can decode
   */
  plan(maxLevel: number): void {
    this.#maxLevel = maxLevel;
    const { levels, playing, chosen } = this.#view;
    this.#levels.plan(levels.value, playing.value, chosen.value, maxLevel);
    if (this.audioOnlyUrl !== null) this.#levels.takeWanted();
  }
}
