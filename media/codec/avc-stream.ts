import { readAvcRecord, writeAvcRecord } from './avc-config.ts';
import { type AvcSps, readAvcSps } from './avc-sps.ts';
import { AvcFields } from './avc-fields.ts';
import { BitReader } from './bit-reader.ts';
import type { PictureConfig, PictureStart, PictureStream, ReadSample } from './coded-picture.ts';
import { isMalformed, type Malformed } from './malformed.ts';
import {
  AVC_NAL,
  avcNalType,
  joinNalUnits,
  type NalLengthSize,
  readSampleUnits,
  readStartCodes,
  unescapeNal,
} from './nal-units.ts';
import { ParameterSetTable } from './parameter-set-table.ts';
import { readPictureSei } from './picture-sei.ts';
import { WaitingSei } from './waiting-sei.ts';

/** NAL units that begin with a slice header: slices, and the first partition of one (ISO/IEC 14496-10 Table 7-1). */
const FIRST_OF_SLICE = new Set<number>([AVC_NAL.slice, 2, AVC_NAL.idrSlice]);
/** Bytes of a slice or of a picture parameter set that are looked at. */
const HEAD_BYTES = 16;
/** slice_type modulo 5 of slices that refer to no other picture (ISO/IEC 14496-10 Table 7-6): I and SI. */
const INTRA_SLICES = new Set([2, 4]);

/**
 * Reads a publisher's H.264: which pictures decoding can start at, and which parameter sets are in use, whether they came in a
 * configuration record or in band.
 */
export class AvcStream implements PictureStream {
  readonly #sps = new ParameterSetTable();
  readonly #pps = new ParameterSetTable();
  #lengthSize: NalLengthSize = 4;
  /** Id of the PPS that the newest picture refers to. */
  #ppsInUse: number | null = null;
  readonly #fields = new AvcFields();
  readonly #sei = new WaitingSei();
  /** The record, as long as nothing in band has changed it. */
  #record: Buffer | null = null;

  /** @param record AVCDecoderConfigurationRecord; untrusted, retained */
  configure(record: Buffer): Malformed | null {
    const units = readStartCodes(record);
    if (units !== null) return this.#replace(ofType(units, AVC_NAL.sps), ofType(units, AVC_NAL.pps), null);
    const read = readAvcRecord(record);
    if (isMalformed(read)) return read;
    if (read.sps.length > 0) {
      const fault = this.#replace(read.sps, read.pps, read.lengthSize === 4 ? record : null);
      if (fault !== null) return fault;
    }
    this.#lengthSize = read.lengthSize;
    return null;
  }

  #replace(sps: readonly Buffer[], pps: readonly Buffer[], record: Buffer | null): Malformed | null {
    const broken = sps.map(readAvcSps).filter(isMalformed);
    if (broken.length === sps.length)
      return broken[0] ?? { malformed: 'start codes without a sequence parameter set' };
    this.#sps.clear();
    this.#pps.clear();
    for (const unit of sps) this.#sps.add(spsId(unit), unit);
    for (const unit of pps) this.#pps.add(ppsIds(unit).pps, unit);
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
    const slices: Buffer[] = [];
    for (const unit of units) {
      const type = avcNalType(unit[0] ?? 0);
      if (type === AVC_NAL.sps) this.#changed(this.#sps.add(spsId(unit), unit));
      else if (type === AVC_NAL.pps) this.#changed(this.#pps.add(ppsIds(unit).pps, unit));
      else if (type === AVC_NAL.sei) messages.push(unit);
      else if (type >= AVC_NAL.slice && type <= AVC_NAL.idrSlice) {
        if (FIRST_OF_SLICE.has(type)) slices.push(unit);
        if (start !== null) continue;
        const slice = sliceOf(unit);
        isContinued = slice.firstBlock > 0 || !FIRST_OF_SLICE.has(type);
        if (FIRST_OF_SLICE.has(type)) this.#ppsInUse = slice.ppsId;
        const { recovery } = readPictureSei(messages, 1);
        if (type === AVC_NAL.idrSlice) start = 'key';
        else if (recovery !== null) start = recovery === 0 ? 'key' : 'gradual';
        else start = slice.isIntra ? 'intra' : 'none';
      }
    }
    const isKept = isPlain && this.#lengthSize === 4;
    const data = isKept ? sample : (joinNalUnits(units, 4) ?? sample);
    if (start === null) this.#sei.keep(messages);
    if (start !== null && isContinued) return { start, isContinued, data };
    const isSecondField =
      start !== null && this.#fields.isSecond(slices, () => this.#spsInUse()?.sps ?? null);
    // Decoding never starts at half a picture, though both fields of a keyframe may be IDR pictures.
    return isSecondField ? { start: 'none', isSecondField, data } : { start, data };
  }

  /** The configuration of the newest picture; null while a parameter set is missing. */
  config(): PictureConfig | null {
    const inUse = this.#spsInUse();
    if (inUse === null || this.#pps.first === undefined) return null;
    const { unit, sps } = inUse;
    const record =
      this.#record !== null && this.#sps.first?.equals(unit) === true
        ? this.#record
        : writeAvcRecord(this.#sps.from(spsId(unit)), this.#pps.from(this.#ppsInUse));
    const { widthPx, heightPx, frameRate, sampleAspectRatio: pixelAspect } = sps;
    return { record, key: unit, widthPx, heightPx, pixelAspect, frameRate };
  }

  #changed(isNew: boolean): void {
    if (!isNew) return;
    this.#record = null;
    this.#fields.forget();
  }

  /** The one that the PPS in use refers to; the first that can be read before a picture tells. */
  #spsInUse(): { unit: Buffer; sps: AvcSps } | null {
    const pps = this.#ppsInUse === null ? undefined : this.#pps.get(this.#ppsInUse);
    const named = pps === undefined ? undefined : this.#sps.get(ppsIds(pps).sps);
    for (const unit of named === undefined ? this.#sps.from(null) : [named]) {
      const sps = readAvcSps(unit);
      if (!isMalformed(sps)) return { unit, sps };
    }
    return null;
  }
}

function ofType(units: readonly Buffer[], type: number): readonly Buffer[] {
  return units.filter((unit) => avcNalType(unit[0] ?? 0) === type);
}

function sliceOf(unit: Buffer): { firstBlock: number; ppsId: number; isIntra: boolean } {
  const bits = new BitReader(unescapeNal(unit.subarray(1, HEAD_BYTES)));
  const firstBlock = bits.ue(); // first_mb_in_slice
  const isIntra = INTRA_SLICES.has(bits.ue() % 5); // slice_type
  return { firstBlock, ppsId: bits.ue(), isIntra }; // pic_parameter_set_id
}

function spsId(unit: Buffer): number {
  const bits = new BitReader(unescapeNal(unit.subarray(1, HEAD_BYTES)));
  bits.skip(24); // profile_idc, constraint flags, level_idc
  return bits.ue(); // seq_parameter_set_id
}

function ppsIds(unit: Buffer): { pps: number; sps: number } {
  const bits = new BitReader(unescapeNal(unit.subarray(1, HEAD_BYTES)));
  return { pps: bits.ue(), sps: bits.ue() }; // pic_parameter_set_id, seq_parameter_set_id
}
