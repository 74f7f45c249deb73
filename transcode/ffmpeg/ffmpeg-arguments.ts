import { avcLevel } from '../../media/codec/avc-level.ts';
import type { PlannedRung } from '../ladder-plan.ts';
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE_HZ, SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { VIDEO_TIMESCALE_HZ, frameTicks } from '../timeline/media-clock.ts';
import { toStandardColour } from './colour-filter.ts';
import type { InputFormat } from './input-format.ts';
import { PLAIN_FORMAT, type SourceFormat } from './source-format.ts';

/** The command line of one ffmpeg run, in the order that ffmpeg requires. */
export type FfmpegRun = {
  readonly inputOptions: readonly string[];
  /** `pipe:0`. */
  readonly input: string;
  readonly globalOptions: readonly string[];
  /** One per track. */
  readonly outputs: readonly FfmpegOutput[];
};

/** One output of ffmpeg: FLV with one stream, each packet written as soon as it is encoded. */
export type FfmpegOutput = {
  readonly id: string;
  readonly options: readonly string[];
};

/** How live pictures are encoded by one ffmpeg. */
export type PictureRun = {
  readonly rungs: readonly PlannedRung[];
  /** Of the track, frames a second: a rate of the grid. */
  readonly frameRate: number;
  /** 2 encodes every other frame of the track. */
  readonly frameStep: 1 | 2;
  /** x264's preset. */
  readonly preset: string;
  /** Place of the first frame in its segment, in frames of the track; a multiple of `frameStep`. */
  readonly firstFrameOfSegment: number;
  /**
   * Added to the timestamps that ffmpeg reads, 90 kHz ticks, so that the first wanted frame gets 0. ffmpeg never sees epoch
   * time: FLV has only 32 bits of milliseconds, and `cfr` counts from 0.
   */
  readonly shiftTicks: number;
  /** What it reads; FLV when left out. */
  readonly input?: InputFormat;
  /** How its pictures are coded; frames of limited range and standard colours when left out. */
  readonly format?: SourceFormat;
};

const LOG = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+warning'] as const;
const inputOptions = (format: InputFormat): string[] => [
  ...LOG,
  // No delay for reordering or for frame threads. Not `-fflags nobuffer`: it drops what was read while probing, the first
  // keyframe, and nothing can be decoded before the second one.
  ...['-flags', 'low_delay', '-threads', '1'],
  // The input begins with the decoder configuration, so probing is not needed.
  ...['-probesize', '32', '-analyzeduration', '1'],
  ...['-copyts', '-f', format],
];
const FLV_OUTPUT = [
  ...['-flush_packets', '1', '-flvflags', 'no_duration_filesize+no_metadata', '-f', 'flv'],
] as const;

/**
 * The command line that encodes a ladder: one decoder, and one scaler per rung that reads the rung above it. Pure.
 *
 * `-fps_mode cfr` makes the frame rate constant: it repeats a frame when the next one arrives, without the delay of the `fps` filter.
 * The graph before it rounds times to the frame grid.
 */
export function pictureArguments(run: PictureRun): FfmpegRun {
  const tick = frameTicks(run.frameRate) * run.frameStep;
  const [first, ...lower] = run.rungs;
  if (first === undefined) return { inputOptions: [], input: '', globalOptions: [], outputs: [] };
  const { scan, isFullRange, colour } = run.format ?? PLAIN_FORMAT;
  // A frame of two fields begins half a frame late where the lower one comes first: it goes to the same place each time.
  const rounding = scan === 'fields' ? 0.25 : 0.5;
  const grid =
    `settb=1/${VIDEO_TIMESCALE_HZ},setpts=floor((PTS+${run.shiftTicks})/${tick}+${rounding})*${tick},` +
    `select='gte(pts,0)*(isnan(prev_selected_pts)+gt(pts,prev_selected_pts))'`;
  // One frame for two fields. It waits for the next picture, so it is there only where pictures may be interlaced.
  const deinterlace = scan === 'frames' ? '' : 'yadif=mode=send_frame:parity=auto:deint=interlaced,';
  const join = scan === 'fields' ? JOIN_FIELDS : '';
  const fit = `${fitted(first, isFullRange)},${toStandardColour(colour)}format=yuv420p`;
  const graph = [
    `[0:v:0]${join}${deinterlace}${grid},${fit}${lower.length > 0 ? ',split=2[out0][from0]' : '[out0]'}`,
  ];
  lower.forEach((rung, i) => {
    const scale = `[from${i}]scale=${rung.widthPx}:${rung.heightPx}:flags=bicubic`;
    const isLast = i === lower.length - 1;
    graph.push(scale + (isLast ? `[out${i + 1}]` : `,split=2[out${i + 1}][from${i + 1}]`));
  });
  return {
    inputOptions: inputOptions(run.input ?? 'flv'),
    input: 'pipe:0',
    globalOptions: ['-filter_complex_threads', '1', '-filter_complex', graph.join(';')],
    outputs: run.rungs.map((rung, i) => ({
      id: rung.id,
      options: ['-map', `[out${i}]`, ...encoderOptions(rung, run), ...FLV_OUTPUT],
    })),
  };
}

/**
 * Joins two fields, of which the upper one is first, into one frame. One whose other half is missing is left out, or the halves would be
 * swapped from there on. Fields that do not say which they are are joined as they come. Samples have the shape of the frame's.
 */
const JOIN_FIELDS =
  `select='if(eq(interlace_type,PROGRESSIVE),1,if(eq(eq(interlace_type,TOPFIRST),ld(0)),0,st(0,1-ld(0))+1))',` +
  'tinterlace=merge,setsar=sar/2,';

/** A shape that differs by less is not worth bars beside the picture. */
const SHAPE_TOLERANCE = 0.02;

/**
 * Scales a picture into a rung's size with square pixels: `dar` is the shape in which it is shown, whatever that of its samples. The
 * size of a picture may change in the middle of a class, as when a phone is turned; renditions keep theirs, so it gets bars then.
 */
function fitted({ widthPx, heightPx }: PlannedRung, isFullRange: boolean): string {
  const isShape = `lt(abs(dar*${heightPx}/${widthPx}-1),${SHAPE_TOLERANCE})`;
  const width = `if(${isShape},${widthPx},max(2,min(${widthPx},2*round(${heightPx}*dar/2))))`;
  const height = `if(${isShape},${heightPx},max(2,min(${heightPx},2*round(${widthPx}/dar/2))))`;
  const range = isFullRange ? ':out_range=tv' : '';
  return (
    `scale=w='${width}':h='${height}':flags=bicubic${range},` + `pad=${widthPx}:${heightPx}:-1:-1,setsar=1`
  );
}

/**
 * Settings of x264 that decide what the parameter sets say, the same for every preset: a rung keeps its SPS and PPS, and so its
 * init segment, when only its preset or frame rate changes.
 */
const X264_PARAMETERS = 'ref=1:weightp=0:cabac=1:8x8dct=1';

function encoderOptions(
  rung: PlannedRung,
  run: Pick<PictureRun, 'frameRate' | 'frameStep' | 'preset' | 'firstFrameOfSegment'>,
): string[] {
  const { frameRate, frameStep, firstFrameOfSegment } = run;
  const framesPerSegment = (frameRate * SEGMENT_DURATION_MS) / 1000 / frameStep;
  const first = firstFrameOfSegment / frameStep;
  // Half the frames need less than the whole bit rate.
  const kbps = (full: number): string => `${Math.round(frameStep === 1 ? full : full * 0.7)}k`;
  return [
    ...['-c:v', 'libx264', '-preset', run.preset, '-tune', 'zerolatency', '-profile:v', 'high'],
    ...['-x264-params', X264_PARAMETERS, '-level:v', avcLevel({ ...rung, frameRate })],
    ...[
      '-b:v',
      kbps(rung.bitRateKbps),
      '-maxrate',
      kbps(rung.maxRateKbps),
      '-bufsize',
      kbps(rung.bufferKbits),
    ],
    ...['-r', frameStep === 1 ? String(frameRate) : `${frameRate}/${frameStep}`, '-fps_mode', 'cfr'],
    // The frame rate is constant and the first frame's place is known, so counting frames is exact; comparing times is not.
    ...[
      '-force_key_frames',
      `expr:not(mod(n${first === 0 ? '' : `+${first}`},${framesPerSegment}))`,
      '-forced-idr',
      '1',
    ],
    ...['-g', String(framesPerSegment), '-keyint_min', String(framesPerSegment), '-sc_threshold', '0'],
    ...['-bf', '0', '-flags', '+cgop', '-threads', '1'],
    // The SPS tells the frame rate: it is the track's, whatever x264 encodes.
    ...['-bsf:v', `h264_metadata=tick_rate=${frameRate * 2}:fixed_frame_rate_flag=1`],
  ];
}

/** Priming samples of ffmpeg's AAC encoder, as ticks. Everything is shifted by them, because FLV has no negative times. */
export const PRIMING_TICKS = (AAC_FRAME_SAMPLES * VIDEO_TIMESCALE_HZ) / AUDIO_SAMPLE_RATE_HZ;

/**
 * The command line that encodes sound to AAC-LC, 48 kHz stereo. Pure.
 *
 * The first output frame is the encoder's priming; the second one is the first wanted frame.
 *
 * @param shiftTicks as in {@link PictureRun}
 * @param input what it reads
 */
export function soundArguments(kbps: number, shiftTicks: number, input: InputFormat = 'flv'): FfmpegRun {
  // async: stretches or drops samples as the source's clock drifts, so that drift does not add up. flags=res: use a resampler from
  // the start; one that is set up at the first drift would restart its count at first_pts.
  const filter =
    `asettb=1/${VIDEO_TIMESCALE_HZ},asetpts=PTS+${shiftTicks + PRIMING_TICKS},` +
    `aresample=${AUDIO_SAMPLE_RATE_HZ}:flags=res:async=1000:min_hard_comp=0.05:first_pts=${AAC_FRAME_SAMPLES}`;
  return {
    inputOptions: inputOptions(input),
    input: 'pipe:0',
    globalOptions: [],
    outputs: [
      {
        id: 'audio',
        options: [
          ...['-map', '0:a:0', '-af', filter, '-c:a', 'aac', '-b:a', `${kbps}k`],
          ...['-ar', '48000', '-ac', '2', ...FLV_OUTPUT],
        ],
      },
    ],
  };
}

/** Size of the one-coloured pictures that the placeholder is scaled from, pixels each way. */
export const PLACEHOLDER_SOURCE_PX = 16;

/**
 * The command line that encodes one segment of the placeholder picture for each rung. Pure. It reads raw pictures, 8 bit 4:2:0, of
 * {@link PLACEHOLDER_SOURCE_PX} each way: an ffmpeg without the `lavfi` device makes none by itself.
 */
export function placeholderArguments(rungs: readonly PlannedRung[], frameRate: number): FfmpegRun {
  const size = `${PLACEHOLDER_SOURCE_PX}x${PLACEHOLDER_SOURCE_PX}`;
  return {
    inputOptions: [
      ...[...LOG, '-f', 'rawvideo', '-pix_fmt', 'yuv420p'],
      ...['-video_size', size, '-framerate', String(frameRate)],
    ],
    input: 'pipe:0',
    globalOptions: [],
    outputs: rungs.map((rung) => ({
      id: rung.id,
      options: [
        ...['-map', '0:v:0', '-vf', `scale=${rung.widthPx}:${rung.heightPx},setsar=1,format=yuv420p`],
        ...encoderOptions(rung, { frameRate, frameStep: 1, preset: 'veryfast', firstFrameOfSegment: 0 }),
        ...FLV_OUTPUT,
      ],
    })),
  };
}
