import type { PictureColour } from '../../media/codec/picture-colour.ts';

/**
 * The filters that turn pictures of high dynamic range or of BT.2020 into BT.709 of standard range. Pure.
 *
 * Tables and a matrix of 16 bits, which every ffmpeg has and which take half the time of zscale and tonemap: to linear light, from the
 * primaries of BT.2020 to those of BT.709, then highlights into what a screen of standard range shows, and to its gamma.
 *
 * @returns filters behind those that scale, each followed by a comma; empty where there is nothing to convert
 */
export function toStandardColour({ range, isWide, matrix }: PictureColour): string {
  if (range === 'SDR' && !isWide) return '';
  return [
    `scale=in_color_matrix=${matrix},format=gbrp16le`,
    table(range === 'PQ' ? FROM_PQ : range === 'HLG' ? FROM_HLG : FROM_GAMMA),
    ...(isWide ? [TO_BT709_PRIMARIES] : []),
    table(range === 'SDR' ? TO_GAMMA : TO_SDR),
    'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p',
    'setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709,',
  ].join(',');
}

/** Sample as a share of the largest one. */
const E = '(val/maxval)';
/** Gamma of a screen of standard range (ITU-R BT.1886). */
const GAMMA = 2.4;
/** Light that is not clipped, and that of a white sheet of paper (ITU-R BT.2408), cd/m². */
const PEAK_NITS = 1000;
const WHITE_NITS = 203;

/** EOTF of PQ (ITU-R BT.2100 table 4), as a share of the peak: its full range is 10,000 cd/m². */
const PQ_ROOT = `pow(${E},${4096 / (2523 * 128)})`;
const FROM_PQ = `min(1,${10_000 / PEAK_NITS}*pow(max(${PQ_ROOT}-0.8359375,0)/(18.8515625-18.6875*${PQ_ROOT}),${16_384 / 2610}))`;
/** Inverse OETF of HLG (ITU-R BT.2100 table 5), and its OOTF for a screen of 1,000 cd/m² on each colour by itself. */
const FROM_HLG = `pow(if(lte(${E},0.5),${E}*${E}/3,(exp((${E}-0.55991073)/0.17883277)+0.28466892)/12),1.2)`;
const FROM_GAMMA = `pow(${E},${GAMMA})`;
const TO_GAMMA = `pow(${E},${1 / GAMMA})`;

/** ITU-R BT.2087 §2: linear light of BT.2020 in the primaries of BT.709; each row ends with alpha. */
const TO_BT709_PRIMARIES =
  'colorchannelmixer=1.6605:-0.5876:-0.0728:0:-0.1246:1.1329:-0.0083:0:-0.0182:-0.1006:1.1187:0';

/** Up to this share of white nothing changes; from here on the rest up to the peak is bent into what is left (Möbius). */
const KNEE = 0.5;
const TO_SDR = (() => {
  const peak = PEAK_NITS / WHITE_NITS;
  const a = (-KNEE * KNEE * (peak - 1)) / (KNEE * KNEE - 2 * KNEE + peak);
  const b = (KNEE * KNEE - 2 * KNEE * peak + peak) / (peak - 1);
  const gain = (b * b + 2 * b * KNEE + KNEE * KNEE) / (b - a);
  const x = `(${E}*${peak})`;
  return `pow(clip(if(lte(${x},${KNEE}),${x},${gain}*(${x}+(${a}))/(${x}+(${b}))),0,1),${1 / GAMMA})`;
})();

function table(share: string): string {
  return `lutrgb=${['r', 'g', 'b'].map((name) => `${name}='maxval*${share}'`).join(':')}`;
}
