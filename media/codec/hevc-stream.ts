import { BitReader } from './bit-reader.ts';
import type { PictureConfig, PictureStart, PictureStream, ReadSample } from './coded-picture.ts';
import { readHevcConfig, readHevcRecord, writeHevcRecord } from './hevc-config.ts';
import { HevcFields } from './hevc-fields.ts';
import { type HevcSps, readHevcSps } from './hevc-sps.ts';
import { isMalformed, type Malformed } from './malformed.ts';
import {
  HEVC_NAL,
  hevcLayer,
  hevcNalType,
  joinNalUnits,
  type NalLengthSize,
  readSampleUnits,
  readStartCodes,
  unescapeNal,
} from './nal-units.ts';
import { ParameterSetTable } from './parameter-set-table.ts';
import { readPictureSei } from './picture-sei.ts';
import { WaitingSei } from './waiting-sei.ts';

/** Bytes of a slice or of a picture parameter set that are looked at. */
const HEAD_BYTES = 16;
/** nal_unit_type of SEI messages in front of a picture (ISO/IEC 23008-2 Table 7-1). */
const PREFIX_SEI = 39;

/** Reads a publisher's H.265, as `AvcStream` reads H.264. */
export class HevcStream implements PictureStream {
  readonly #vps = new ParameterSetTable();
  readonly #sps = new ParameterSetTable();
  readonly #pps = new ParameterSetTable();
  #lengthSize: NalLengthSize = 4;
  /** Id of the PPS that the newest picture refers to. */
  #ppsInUse: number | null = null;
  readonly #fields = new HevcFields();
  readonly #sei = new WaitingSei();
  /** The record, as long as nothing in band has changed it. */
  #record: Buffer | null = null;

  /** @param record HEVCDecoderConfigurationRecord; untrusted, retained */
  configure(record: Buffer): Malformed | null {
    const units = readStartCodes(record);
    if (units !== null) return this.#replace(units, null);
    const read = readHevcRecord(record);
    if (isMalformed(read)) return read;
    if (read.units.some(isSps)) {
      const config = readHevcConfig(record);
      if (isMalformed(config)) return config;
      this.#replace(read.units, read.lengthSize === 4 ? record : null);
    }
    this.#lengthSize = read.lengthSize;
    return null;
  }

  #replace(units: readonly Buffer[], record: Buffer | null): Malformed | null {
    const [first] = units.filter(isSps);
    if (first === undefined) return { malformed: 'start codes without a sequence parameter set' };
    const sps = readHevcSps(first);
    if (isMalformed(sps)) return sps;
    for (const sets of [this.#vps, this.#sps, this.#pps]) sets.clear();
    for (const unit of units) this.#add(unit);
    this.#record = record;
    this.#ppsInUse = null;
    this.#fields.forget();
    return null;
  }

  /** @param sample of the publisher; untrusted, borrowed by the result where it is as it should be */
  read(sample: Buffer): ReadSample {
    const { units, isPlain } = readSampleUnits(sample, this.#lengthSize);
    let start: PictureStart | null = null;
    const messages = this.#sei.take();
    let isContinued = false;
    let isSecondField = false;
    for (const unit of units) {
      const type = hevcNalType(unit[0] ?? 0);
      if (type === PREFIX_SEI) messages.push(unit);
      else if (type > HEVC_NAL.lastSlice) {
        if (!this.#add(unit)) continue;
        this.#record = null;
        this.#fields.forget();
      } else if (start === null) {
        const isIrap = type >= HEVC_NAL.firstIrap && type <= HEVC_NAL.lastIrap;
        isContinued = ((unit[2] ?? 0x80) & 0x80) === 0; // first_slice_segment_in_pic_flag
        this.#ppsInUse = ppsIdOfSlice(unit, type);
        const { recovery, picStruct } = readPictureSei(messages, 2);
        if (isIrap) start = 'key';
        else if (recovery !== null) start = recovery === 0 ? 'key' : 'gradual';
        else start = 'none';
        if (isContinued) continue;
        isSecondField = this.#fields.isSecond(picStruct, start !== 'none', () => this.#readSpsInUse());
      }
    }
    const isKept = isPlain && this.#lengthSize === 4;
    const data = isKept ? sample : (joinNalUnits(units, 4) ?? sample);
    if (start === null) this.#sei.keep(messages);
    else if (isContinued) return { start, isContinued, data };
    // Decoding never starts at half a picture.
    return isSecondField ? { start: 'none', isSecondField, data } : { start, data };
  }

  /** The configuration of the newest picture; null while a parameter set is missing. */
  config(): PictureConfig | null {
    const key = this.#spsInUse();
    if (key === undefined || this.#vps.first === undefined || this.#pps.first === undefined) return null;
    const record =
      this.#record !== null && this.#sps.first?.equals(key) === true
        ? this.#record
        : writeHevcRecord(this.#vps.from(null), this.#sps.from(spsId(key)), this.#pps.from(this.#ppsInUse));
    if (isMalformed(record)) return null;
    const config = readHevcConfig(record);
    if (isMalformed(config)) return null;
    const [{ widthPx, heightPx, frameRate, sampleAspectRatio: pixelAspect }] = config.pictures;
    return { record, key, widthPx, heightPx, pixelAspect, frameRate };
  }

  /** The one that the PPS in use refers to; the first before a picture tells. */
  #spsInUse(): Buffer | undefined {
    const pps = this.#ppsInUse === null ? undefined : this.#pps.get(this.#ppsInUse);
    return (pps === undefined ? undefined : this.#sps.get(ppsIds(pps).sps)) ?? this.#sps.first;
  }

  #readSpsInUse(): HevcSps | null {
    const unit = this.#spsInUse();
    const sps = unit === undefined ? null : readHevcSps(unit);
    return sps === null || isMalformed(sps) ? null : sps;
  }

  /** @returns whether a parameter set is new; those of further layers (another view, an alpha channel) are left out */
  #add(unit: Buffer): boolean {
    if (hevcLayer(unit) > 0) return false;
    const type = hevcNalType(unit[0] ?? 0);
    if (type === HEVC_NAL.vps) return this.#vps.add((unit[2] ?? 0) >> 4, unit); // vps_video_parameter_set_id
    if (type === HEVC_NAL.sps) return this.#sps.add(spsId(unit), unit);
    return type === HEVC_NAL.pps && this.#pps.add(ppsIds(unit).pps, unit);
  }
}

function isSps(unit: Buffer): boolean {
  return hevcNalType(unit[0] ?? 0) === HEVC_NAL.sps && hevcLayer(unit) === 0;
}

function spsId(unit: Buffer): number {
  const sps = readHevcSps(unit);
  return isMalformed(sps) ? 0 : sps.id;
}

function ppsIds(unit: Buffer): { pps: number; sps: number } {
  const bits = new BitReader(unescapeNal(unit.subarray(2, HEAD_BYTES)));
  return { pps: bits.ue(), sps: bits.ue() }; // pps_pic_parameter_set_id, pps_seq_parameter_set_id
}

function ppsIdOfSlice(unit: Buffer, type: number): number {
  const bits = new BitReader(unescapeNal(unit.subarray(2, HEAD_BYTES)));
  bits.skip(1); // first_slice_segment_in_pic_flag
  if (type >= HEVC_NAL.firstIrap && type <= 23) bits.skip(1); // no_output_of_prior_pics_flag
  return bits.ue(); // slice_pic_parameter_set_id
}
