/** Bits of tf_flags and tr_flags, and of sample flags (ISO/IEC 14496-12 §8.8.7, §8.8.8, §8.8.3.1). */
const TFHD = { baseDataOffset: 0x1, descriptionIndex: 0x2, duration: 0x8, size: 0x10, flags: 0x20 };
const TRUN = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  composition: 0x800,
};
const IS_NON_SYNC = 0x10000;
const DEFAULT_BASE_IS_MOOF = 0x20000;

type Box = { readonly type: string; readonly at: number; readonly end: number };
type FirstSample = {
  readonly trackId: number;
  readonly sizeBytes: number;
  readonly flags: number;
  readonly compositionOffset: number;
  /** Of all samples of the run together, in ticks. */
  readonly runTicks: number;
  readonly dataOffset: number;
};

/**
 * Leaves of a part that begins with a keyframe that picture alone, which then stands for the time of the whole segment: the
 * only picture of it that a browser has to decode.
 *
 * @param part one chunk of one track, moof and mdat (CMAF, ISO/IEC 23000-19 §7.3.2.3); borrowed
 * @param stretch the segment's duration divided by the part's
 * @returns a chunk with one sample, newly allocated; null where the part does not begin with a keyframe, or cannot be read
 */
export function keyframeOf(part: Uint8Array, stretch: number): Uint8Array<ArrayBuffer> | null {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const moof = boxesIn(view, 0, part.byteLength).find(({ type }) => type === 'moof');
  if (moof === undefined) return null;
  const traf = boxesIn(view, moof.at + 8, moof.end).find(({ type }) => type === 'traf');
  if (traf === undefined) return null;
  const inTraf = boxesIn(view, traf.at + 8, traf.end);
  const [tfhd, tfdt, trun] = ['tfhd', 'tfdt', 'trun'].map((wanted) =>
    inTraf.find(({ type }) => type === wanted),
  );
  if (tfhd === undefined || tfdt === undefined || trun === undefined) return null;
  // Shorter boxes than these hold less than the fields that are always there.
  if (tfhd.end - tfhd.at < 16 || trun.end - trun.at < 20) return null;
  const sample = firstSample(view, tfhd, trun);
  if (sample === null || (sample.flags & IS_NON_SYNC) !== 0) return null;
  const from = moof.at + sample.dataOffset;
  if (from < moof.end || from + sample.sizeBytes > part.byteLength) return null;
  const time = part.subarray(tfdt.at, tfdt.end);
  return chunkOf(
    sample,
    Math.round(sample.runTicks * stretch),
    time,
    part.subarray(from, from + sample.sizeBytes),
  );
}

/**
 * Tells whether a media file holds pictures.
 *
 * @param init its initialization segment, with one track
 */
export function isVideoInit(init: Uint8Array): boolean {
  const view = new DataView(init.buffer, init.byteOffset, init.byteLength);
  let inside: Box = { type: '', at: -8, end: init.byteLength };
  for (const wanted of ['moov', 'trak', 'mdia', 'hdlr']) {
    const box = boxesIn(view, inside.at + 8, inside.end).find(({ type }) => type === wanted);
    if (box === undefined) return false;
    inside = box;
  }
  // handler_type, ISO/IEC 14496-12 §8.4.3.
  return inside.end - inside.at >= 20 && typeAt(view, inside.at + 16) === 'vide';
}

function firstSample(view: DataView, tfhd: Box, trun: Box): FirstSample | null {
  const ofTrack = view.getUint32(tfhd.at + 8) & 0xffffff;
  if ((ofTrack & TFHD.baseDataOffset) !== 0) return null;
  let at = tfhd.at + 16 + (ofTrack & TFHD.descriptionIndex ? 4 : 0);
  const defaultOf = (flag: number): number | null => {
    if ((ofTrack & flag) === 0 || at + 4 > tfhd.end) return null;
    at += 4;
    return view.getUint32(at - 4);
  };
  const duration = defaultOf(TFHD.duration);
  const size = defaultOf(TFHD.size);
  const flags = defaultOf(TFHD.flags);

  const ofRun = view.getUint32(trun.at + 8) & 0xffffff;
  const count = view.getUint32(trun.at + 12);
  const has = (flag: number): boolean => (ofRun & flag) !== 0;
  if (count === 0 || !has(TRUN.dataOffset)) return null;
  const firstFlags = has(TRUN.firstFlags) && trun.end - trun.at >= 24 ? view.getUint32(trun.at + 20) : null;
  const fields = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition].filter(has);
  const samplesAt = trun.at + 20 + (firstFlags === null ? 0 : 4);
  if (samplesAt + count * fields.length * 4 > trun.end) return null;
  const field = (sample: number, flag: number): number | null => {
    const index = fields.indexOf(flag);
    return index === -1 ? null : view.getUint32(samplesAt + (sample * fields.length + index) * 4);
  };
  let runTicks = (duration ?? 0) * count;
  if (has(TRUN.duration)) {
    runTicks = 0;
    for (let i = 0; i < count; i++) runTicks += field(i, TRUN.duration) ?? 0;
  }
  const sizeBytes = field(0, TRUN.size) ?? size;
  const sampleFlags = firstFlags ?? field(0, TRUN.flags) ?? flags;
  if (runTicks === 0 || sizeBytes === null || sampleFlags === null) return null;
  return {
    ...{ trackId: view.getUint32(tfhd.at + 12), sizeBytes, flags: sampleFlags, runTicks },
    compositionOffset: field(0, TRUN.composition) ?? 0,
    dataOffset: view.getInt32(trun.at + 16),
  };
}

function chunkOf(
  sample: FirstSample,
  ticks: number,
  tfdt: Uint8Array,
  data: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const trafBytes = 8 + 16 + tfdt.length + 36;
  const moofBytes = 8 + 16 + trafBytes;
  const out = new Uint8Array(moofBytes + 8 + data.length);
  const view = new DataView(out.buffer);
  let at = 0;
  const u32 = (value: number): void => {
    view.setUint32(at, value);
    at += 4;
  };
  const header = (sizeBytes: number, type: string): void => {
    u32(sizeBytes);
    for (const letter of type) out[at++] = letter.charCodeAt(0);
  };
  header(moofBytes, 'moof');
  header(16, 'mfhd');
  u32(0); // version, flags
  u32(0); // sequence_number
  header(trafBytes, 'traf');
  header(16, 'tfhd');
  u32(DEFAULT_BASE_IS_MOOF); // version, tf_flags
  u32(sample.trackId); // track_ID
  out.set(tfdt, at);
  at += tfdt.length;
  header(36, 'trun');
  u32(0x1000000 | TRUN.dataOffset | TRUN.duration | TRUN.size | TRUN.flags | TRUN.composition); // version 1, tr_flags
  u32(1); // sample_count
  u32(moofBytes + 8); // data_offset
  u32(ticks); // sample_duration
  u32(sample.sizeBytes); // sample_size
  u32(sample.flags); // sample_flags
  u32(sample.compositionOffset); // sample_composition_time_offset
  header(8 + data.length, 'mdat');
  out.set(data, at);
  return out;
}

function boxesIn(view: DataView, from: number, to: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const sizeBytes = view.getUint32(at);
    const end = at + sizeBytes;
    if (sizeBytes < 8 || end > to) break;
    boxes.push({ type: typeAt(view, at + 4), at, end });
    at = end;
  }
  return boxes;
}

/** Four characters, as boxes and handlers are named by. */
function typeAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
