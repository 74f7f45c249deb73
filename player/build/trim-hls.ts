import type { Plugin } from 'vite';

/** Parts of hls.js that no page uses: subtitle playlists, DRM, CMCD, content steering, trick play, interstitials, ID3. */
const UNUSED = [
  'subtitleStreamController',
  'subtitleTrackController',
  'emeController',
  'cmcdController',
  'contentSteeringController',
  'iframeController',
  'interstitialsController',
  'id3TrackController',
  'capLevelController',
  'fpsController',
];

/**
 * Removes from hls.js what its light build leaves out, except separate sound tracks, which that build lacks. The
 * defaults name the controllers; what they do not name is not bundled.
 *
 * @returns a Vite plugin; the build fails when a new hls.js no longer looks as it expects
 */
export function trimHls(): Plugin {
  return {
    name: 'lectern:trim-hls',
    transform(code, id) {
      if (!id.endsWith('/hls.js/dist/hls.mjs')) return null;
      let trimmed = code;
      for (const name of UNUSED) {
        const entry = new RegExp(`^(  ${name}: )\\w+Controller( ?,?)$`, 'm');
        if (!entry.test(trimmed)) this.error(`hls.js: no default for ${name} to leave out`);
        trimmed = trimmed.replace(entry, '$1undefined$2');
      }
      return { code: trimmed, map: null };
    },
  };
}
