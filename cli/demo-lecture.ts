/** One slide of the sample lecture: its lines, the first of them larger. */
type Slide = readonly [title: string, ...lines: string[]];

const SLIDES: readonly Slide[] = [
  [
    'What is a sound?',
    'Something trembles, and the air beside it.',
    'What we hear is pressure that changes.',
  ],
  [
    'How high?',
    'Frequency: how often it trembles in a second.',
    '150 times is a deep voice; the beep is 1000.',
  ],
  ['How loud?', 'Amplitude: how far the curve swings.', 'Watch it grow and shrink with each word.'],
];
const SLIDE_SECONDS = 8;

/** A deep voice that speaks in syllables, with a pause every 5 s, and a short beep of 1000 Hz at each second. */
const VOICE =
  '0.5*(0.35+0.65*pow(sin(2*PI*1.9*t),2))*(0.5*sin(2*PI*150*t+3*sin(2*PI*0.6*t))+0.25*sin(2*PI*300*t+6*sin(2*PI*0.6*t))+0.12*sin(2*PI*900*t))*gt(mod(t,5),0.6)+0.3*sin(2*PI*1000*t)*lt(mod(t,1),0.04)';

/**
 * Arguments for ffmpeg that publish an endless lecture, in real time, to an RTMP address: slides with the wall clock in
 * tenths of a second, the curve of the sound as a moving picture, and a voice. 720p25 H.264 and AAC at 48 kHz, for about a
 * quarter of a core.
 *
 * @param rtmpUrl where to publish, with its key
 * @param fontFile a font that ffmpeg can read; null for none: the picture is then a test pattern with a counter
 */
export function lectureArguments(rtmpUrl: string, fontFile: string | null): string[] {
  const picture =
    fontFile === null
      ? 'testsrc2=size=1280x720:rate=25,format=yuv420p[picture];[1:a]anull[sound]'
      : slideFilter(fontFile);
  const inputs = fontFile === null ? 'color=c=black:s=16x16:r=25' : 'color=c=0xF7F3E9:s=1280x720:r=25';
  return [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin'],
    ...['-re', '-f', 'lavfi', '-i', inputs],
    ...['-re', '-f', 'lavfi', '-i', `aevalsrc=exprs='${VOICE}':s=48000`],
    ...['-filter_complex', picture, '-map', '[picture]', '-map', '[sound]'],
    ...['-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-profile:v', 'main'],
    ...['-g', '50', '-b:v', '1500k', '-maxrate', '2000k', '-bufsize', '2000k', '-threads', '1'],
    ...['-c:a', 'aac', '-b:a', '96k', '-ar', '48000', '-ac', '1'],
    ...['-f', 'flv', '-flvflags', 'no_duration_filesize', rtmpUrl],
  ];
}

function slideFilter(fontFile: string): string {
  const font = `fontfile='${escapeFilterValue(fontFile)}'`;
  const text = (value: string, size: number, colour: string, x: number, y: number, more = ''): string =>
    `drawtext=${font}:text='${value}':fontsize=${size}:fontcolor=${colour}:x=${x}:y=${y}${more}`;
  const cycle = SLIDES.length * SLIDE_SECONDS;
  const slides = SLIDES.flatMap(([title, ...lines], index) => {
    const from = index * SLIDE_SECONDS;
    const shown = `:enable='between(mod(t,${cycle}),${from},${from + SLIDE_SECONDS - 0.001})'`;
    return [
      text(escapeText(title), 56, '0x1F3A5F', 60, 150, shown),
      ...lines.map((line, row) => text(escapeText(line), 34, '0x333333', 60, 250 + row * 56, shown)),
    ];
  });
  const clock = text('%{localtime\\:%T}.%{eif\\:mod(time(0)*10\\,10)\\:d}', 44, 'white', 1000, 26);
  return [
    '[1:a]asplit=2[sound][shown]',
    '[shown]showwaves=s=1160x240:mode=cline:rate=25:colors=0x2E6F95[wave]',
    `[0:v]${[
      'drawbox=x=0:y=0:w=1280:h=96:color=0x1F3A5F:t=fill',
      text('Grade 7 - Sound and waves', 44, 'white', 48, 26),
      clock,
      ...slides,
    ].join(',')}[slides]`,
    '[slides][wave]overlay=x=60:y=420,format=yuv420p[picture]',
  ].join(';');
}

/** A value inside single quotes of a filter graph: nothing but the quote itself can end it. */
function escapeFilterValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(':', '\\:').replaceAll("'", '');
}

/** Escapes text for drawtext; '%' is removed, since it would begin an expansion. */
function escapeText(value: string): string {
  return escapeFilterValue(value).replaceAll('%', '');
}
