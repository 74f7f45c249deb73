/** Name of the track of sound; those of pictures are named by their rungs. */
export const SOUND_TRACK = 'audio';
