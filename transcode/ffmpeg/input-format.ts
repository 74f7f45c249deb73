/** The container in which ffmpeg is given a publisher's media. */
export type InputFormat = 'flv' | 'mp4';
