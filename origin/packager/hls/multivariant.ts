import { allCaptions } from '../cmaf/captions-of.ts';
import type { ChannelView, RenditionInfo } from '../media.ts';
import type {
  AlternativeRendition,
  MultivariantPlaylist,
  Variant,
} from './playlist/multivariant-playlist.ts';
import { PLAYLIST_VERSION } from './playlist-rules.ts';

/** GROUP-ID of the one audio group. */
const AUDIO_GROUP = 'audio';
/** GROUP-ID of the captions that pictures carry. */
const CAPTIONS_GROUP = 'captions';

/** What a multivariant playlist needs to know of its channel. */
export type MultivariantInput = Pick<ChannelView, 'language' | 'gridUnits'> & {
  /** Start-over: the media playlists begin at this time, UTC milliseconds. Left out for live and for replays. */
  readonly startMs?: number;
};

/**
 * Makes a channel's multivariant playlist: a variant for each video rendition, best first, and one of sound alone.
 *
 * @param infos its renditions in the order of the view: video best first, then audio; at least one
 * @returns its URIs are relative to `/live/{channel}/index.m3u8`
 * @see RFC 8216bis §4.4.6; HLS Authoring Specification 9.x
 */
export function multivariantPlaylist(
  { language, gridUnits, startMs }: MultivariantInput,
  infos: readonly RenditionInfo[],
): MultivariantPlaylist {
  const query = startMs === undefined ? '' : `?start=${startMs}`;
  const uriOf = ({ id }: RenditionInfo): string => `${id}.m3u8${query}`;
  const videos = infos.filter((info) => info.kind === 'video');
  const audios = infos.filter((info) => info.kind === 'audio');
  const loudest = highestPeak(audios);
  const captions = allCaptions(videos);
  const captionsGroup = captions.length === 0 ? '' : CAPTIONS_GROUP;
  return {
    version: PLAYLIST_VERSION,
    // It speaks for every media playlist (RFC 8216bis §4.4.2.1), which passthrough cannot do.
    independentSegments: gridUnits === 1,
    renditions: [
      ...audios.map((audio, index) => audioRendition(audio, language, index, uriOf(audio))),
      ...captions.map((service) => captionsRendition(service, language)),
    ],
    // The same group everywhere: "if the value is NONE, all … MUST have this attribute with a value of NONE" (§4.4.6.2).
    variants: [
      ...videos.map((video) => variant(video, loudest, uriOf(video), captionsGroup)),
      ...audios.map((audio) => variant(audio, audio, uriOf(audio), captionsGroup)),
    ],
  };
}

function audioRendition(
  audio: RenditionInfo,
  language: string,
  index: number,
  uri: string,
): AlternativeRendition {
  const name = languageName(language);
  return {
    type: 'AUDIO',
    groupId: AUDIO_GROUP,
    language,
    // "All Renditions in a Group MUST have a different NAME" (§4.4.6.1.1).
    name: index === 0 ? name : `${name} (${audio.id})`,
    isDefault: index === 0,
    autoselect: true,
    channels: String(audio.channels),
    instreamId: null,
    uri,
  };
}

/** Captions in the pictures; their language is told only of the first service: that of the class, by custom. */
function captionsRendition(service: string, language: string): AlternativeRendition {
  const isFirst = service === 'CC1' || service === 'SERVICE1';
  return {
    type: 'CLOSED-CAPTIONS',
    groupId: CAPTIONS_GROUP,
    language: isFirst ? language : null,
    name: isFirst && language !== 'und' ? `${languageName(language)} (${service})` : service,
    isDefault: false,
    autoselect: isFirst,
    channels: null,
    instreamId: service,
    uri: null,
  };
}

/**
 * A variant. BANDWIDTH is the peak of what is played together (RFC 8216bis §4.4.6.2).
 *
 * @param main the rendition that the variant's URI names
 * @param audio the sound that goes with it; `main` itself for sound alone, undefined where there is none
 * @param closedCaptionsGroupId '' where no picture has captions
 */
function variant(
  main: RenditionInfo,
  audio: RenditionInfo | undefined,
  uri: string,
  closedCaptionsGroupId: string,
): Variant {
  const other = audio === undefined || audio.id === main.id ? null : audio;
  const { codec, widthPx, heightPx, frameRate } = main;
  const bandwidthBps = Math.max(1, Math.ceil(main.peakBps + (other?.peakBps ?? 0)));
  const averageBps = Math.min(bandwidthBps, Math.ceil(main.averageBps + (other?.averageBps ?? 0)));
  return {
    bandwidthBps,
    averageBandwidthBps: averageBps > 0 ? averageBps : null,
    codecs: other === null ? codec : `${codec},${other.codec}`,
    resolution: widthPx > 0 ? { widthPx, heightPx } : null,
    frameRate: frameRate > 0 ? frameRate : null,
    audioGroupId: audio === undefined ? null : AUDIO_GROUP,
    closedCaptionsGroupId,
    uri,
  };
}

/** The group's rendition with the highest peak: what a variant's BANDWIDTH must leave room for. */
function highestPeak(audios: readonly RenditionInfo[]): RenditionInfo | undefined {
  return audios.reduce<RenditionInfo | undefined>(
    (best, audio) => (best === undefined || audio.peakBps > best.peakBps ? audio : best),
    undefined,
  );
}

/** A language by its own name; the tag itself where that is not known. */
function languageName(language: string): string {
  if (language === 'und') return 'Audio';
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  } catch {
    return language;
  }
}
