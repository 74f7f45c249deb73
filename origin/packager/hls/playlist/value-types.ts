import { formatDate, formatSeconds } from '../decimal.ts';
import { badPlaylist, shown } from './playlist-error.ts';

/** How one kind of value is written in a playlist (RFC 8216bis §4.2). `read` is the inverse of `write`. */
export type ValueType<T> = {
  readonly write: (value: T) => string;
  /**
   * @param place tag or attribute, for the error
   * @throws {PlaylistError} `bad-playlist`
   */
  readonly read: (text: string, place: string) => T;
};

/** decimal-integer: "an unquoted string of characters from the set [0-9] expressing an integer in base-10". */
export const decimalInteger: ValueType<number> = {
  write: String,
  read: (text, place) => Number(matched(/^\d{1,20}$/, text, place, 'a decimal-integer')),
};

/** decimal-floating-point of seconds: written to the microsecond, without exponent or trailing zeros. */
export const seconds: ValueType<number> = {
  write: formatSeconds,
  read: (text, place) => Number(matched(/^\d+(\.\d+)?$/, text, place, 'a decimal-floating-point')),
};

/** The value of EXTINF (§4.4.4.1): a duration in seconds, a comma, and a title, which is empty. */
export const extinfDuration: ValueType<number> = {
  write: (durationS) => `${formatSeconds(durationS)},`,
  read: (text, place) => seconds.read(text.split(',', 1)[0] ?? '', place),
};

/** FRAME-RATE (§4.4.6.2): "rounded to three decimal places". */
export const frameRate: ValueType<number> = {
  write: (framesPerS) => framesPerS.toFixed(3),
  read: seconds.read,
};

const NOT_QUOTABLE = /["\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function quotable(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}

/**
 * quoted-string: it "MUST NOT contain" a line feed, a carriage return or a double quote (§4.2). Characters that are not
 * allowed in it become a space or an apostrophe, so that text from outside cannot add a tag or an attribute.
 */
export const quotedString: ValueType<string> = {
  write: (text) => `"${NOT_QUOTABLE.test(text) ? quotable(text) : text}"`,
  read: (text, place) => matched(/^"[^"\r\n]*"$/, text, place, 'a quoted-string').slice(1, -1),
};

/** ISO 8601 in UTC to the millisecond; as a number UTC milliseconds. */
export const dateTime: ValueType<number> = {
  write: formatDate,
  read: (text, place) => {
    const timeMs = Date.parse(text);
    if (Number.isNaN(timeMs)) throw badPlaylist(place, `${shown(text)}: want a date and time in ISO 8601`);
    return timeMs;
  },
};

/** {@link dateTime} as a quoted-string. */
export const quotedDateTime: ValueType<number> = {
  write: (timeMs) => quotedString.write(formatDate(timeMs)),
  read: (text, place) => dateTime.read(quotedString.read(text, place), place),
};

/** A picture's size in pixels. */
export type Resolution = { readonly widthPx: number; readonly heightPx: number };

/** decimal-resolution: "two decimal-integers separated by the "x" character", width first. */
export const resolution: ValueType<Resolution> = {
  write: ({ widthPx, heightPx }) => `${widthPx}x${heightPx}`,
  read: (text, place) => {
    const [width = '', height = ''] = matched(/^\d+x\d+$/, text, place, 'a decimal-resolution').split('x');
    return { widthPx: Number(width), heightPx: Number(height) };
  },
};

/**
 * enumerated-string: one of a set that the attribute defines.
 *
 * @param allowed all of the set that is supported
 */
export function oneOf<T extends string>(...allowed: readonly T[]): ValueType<T> {
  return {
    write: (value) => value,
    read: (text, place) => {
      const found = allowed.find((value) => value === text);
      if (found === undefined) throw badPlaylist(place, `${shown(text)}: want ${allowed.join(' or ')}`);
      return found;
    },
  };
}

/** enumerated-string of YES and NO, as a boolean. */
export const yesOrNo: ValueType<boolean> = {
  write: (value) => (value ? 'YES' : 'NO'),
  read: (text, place) => oneOf('YES', 'NO').read(text, place) === 'YES',
};

function matched(pattern: RegExp, text: string, place: string, want: string): string {
  if (!pattern.test(text)) throw badPlaylist(place, `${shown(text)}: want ${want}`);
  return text;
}

/**
 * A type whose values never change and are written many times: the text is written once for each object.
 */
export function writtenOnce<T extends object>(type: ValueType<T>): ValueType<T> {
  const texts = new WeakMap<T, string>();
  return {
    write: (value) => {
      let text = texts.get(value);
      if (text === undefined) {
        text = [type.write(value), ''].join('');
        texts.set(value, text);
      }
      return text;
    },
    read: type.read,
  };
}
