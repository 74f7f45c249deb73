import type { ChannelView, RenditionInfo } from '../media.ts';
import { quoted } from './attribute.ts';
import { PLAYLIST_VERSION } from './playlist-header.ts';

/** GROUP-ID of the one audio group. */
const AUDIO_GROUP = 'audio';

/** What a multivariant playlist needs to know of its channel. */
export type MultivariantInput = Pick<ChannelView, 'language' | 'gridUnits'>;

/**
 * Writes a channel's multivariant playlist: a variant for each video rendition, best first, and one of sound alone.
 *
 * @param input the channel
 * @param infos its renditions in the order of the view: video best first, then audio; at least one
 * @returns text whose URIs are relative to `/live/{channel}/index.m3u8`
 * @see RFC 8216bis §4.4.6; HLS Authoring Specification 9.x
 */
export function renderMultivariant(input: MultivariantInput, infos: readonly RenditionInfo[]): string {
  const videos = infos.filter((info) => info.kind === 'video');
  const audios = infos.filter((info) => info.kind === 'audio');
  let text = `#EXTM3U\n#EXT-X-VERSION:${PLAYLIST_VERSION}\n`;
  // It speaks for every media playlist (RFC 8216bis §4.4.2.1), which passthrough cannot do.
  if (input.gridUnits === 1) text += '#EXT-X-INDEPENDENT-SEGMENTS\n';
  audios.forEach((audio, index) => {
    text += renderAudioMedia(audio, input.language, index);
  });
  const loudest = heaviest(audios);
  for (const video of videos) text += renderStream(video, loudest);
  for (const audio of audios) text += renderStream(audio, audio);
  return text;
}

/** EXT-X-MEDIA (RFC 8216bis §4.4.6.1). */
function renderAudioMedia(audio: RenditionInfo, language: string, index: number): string {
  const name = languageName(language);
  return (
    `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${AUDIO_GROUP}",LANGUAGE=${quoted(language)}` +
    // "All Renditions in a Group MUST have a different NAME" (§4.4.6.1.1).
    `,NAME=${quoted(index === 0 ? name : `${name} (${audio.id})`)},DEFAULT=${index === 0 ? 'YES' : 'NO'}` +
    `,AUTOSELECT=YES,CHANNELS="${audio.channels}",URI="${audio.id}.m3u8"\n`
  );
}

/**
 * EXT-X-STREAM-INF (RFC 8216bis §4.4.6.2). BANDWIDTH is the peak of what is played together.
 *
 * @param main the rendition that the variant's URI names
 * @param audio the sound that goes with it; `main` itself for sound alone, undefined where there is none
 */
function renderStream(main: RenditionInfo, audio: RenditionInfo | undefined): string {
  const other = audio === undefined || audio.id === main.id ? null : audio;
  const peakBps = Math.max(1, Math.ceil(main.peakBps + (other?.peakBps ?? 0)));
  const averageBps = Math.min(peakBps, Math.ceil(main.averageBps + (other?.averageBps ?? 0)));
  const codecs = other === null ? main.codec : `${main.codec},${other.codec}`;
  return (
    `#EXT-X-STREAM-INF:BANDWIDTH=${peakBps}` +
    (averageBps > 0 ? `,AVERAGE-BANDWIDTH=${averageBps}` : '') +
    `,CODECS=${quoted(codecs)}` +
    (main.widthPx > 0 ? `,RESOLUTION=${main.widthPx}x${main.heightPx}` : '') +
    (main.frameRate > 0 ? `,FRAME-RATE=${main.frameRate.toFixed(3)}` : '') +
    (audio === undefined ? '' : `,AUDIO="${AUDIO_GROUP}"`) +
    `,CLOSED-CAPTIONS=NONE\n${main.id}.m3u8\n`
  );
}

/** The group's rendition with the highest peak: what a variant's BANDWIDTH must leave room for. */
function heaviest(audios: readonly RenditionInfo[]): RenditionInfo | undefined {
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
