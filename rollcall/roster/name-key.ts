/** What is written for a dot between the parts of a name: middle dots, bullets, katakana, Korean and full-width dots, full stops. */
const DOTS =
  /[.\u00b7\u0387\u119e\u1427\u16eb\u2022\u2024\u2027\u2218\u2219\u22c4\u22c5\u25aa\u25cf\u25e6\u26ab\u2981\u2e30\u2e31\u2e33\u3002\u30fb\u318d\ua78f\ufe52\uff0e\uff61\uff65]/gu;
/** What is written for an apostrophe; keyboards of phones and languages differ. */
const APOSTROPHES =
  /['`\u00b4\u02b9\u02bb-\u02be\u02c8\u055a\u05f3\u07f4\u2018\u2019\u201b\u2032\u2035\ua78c\uff07\uff40]/gu;
const HYPHENS = /[\p{Dash}\u2043]/gu;
/** Joiners, variation selectors, soft hyphens: not to be seen. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;
/** Beside {@link DOTS}, {@link APOSTROPHES} and {@link HYPHENS}, which {@link nameKey} has made one of each. */
const LEFT_OUT = /[·'\-,()[\]{}"]/gu;
/** Most names need none of the steps below. */
const PLAIN = /^(?:[\u4e00-\u9fff]+|[a-z]+)$/u;

/**
 * The form in which names are compared: they are equal when they differ only in width and composition (NFKC), case, white space,
 * the kind of dot, apostrophe or hyphen, or in what cannot be seen. Traditional and simplified characters stay different.
 */
export function nameKey(name: string): string {
  if (PLAIN.test(name)) return name;
  return (
    name
      // Before NFKC, which takes some of them apart.
      .replaceAll(APOSTROPHES, "'")
      .replaceAll(DOTS, '·')
      .normalize('NFKC')
      .replaceAll(INVISIBLE, '')
      .replaceAll(HYPHENS, '-')
      .replaceAll(/\s+/gu, '')
      // Upper case first: "ß" and "SS" are equal, and both forms of sigma.
      .toUpperCase()
      .toLowerCase()
      .normalize('NFC')
  );
}

/** As {@link nameKey}, without dots, apostrophes, hyphens, commas and brackets: what people leave out when they type their name. */
export function looseNameKey(name: string): string {
  return PLAIN.test(name) ? name : nameKey(name).replaceAll(LEFT_OUT, '');
}

/** The form in which ids are compared: without differences of width, case and white space around. */
export function idKey(id: string): string {
  return id.normalize('NFKC').replaceAll(INVISIBLE, '').trim().toLowerCase();
}

/** Letters of scripts that put a space between family and given name, and what stands within a name. */
const SPACED_NAME =
  /^(?!.*[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{M}'’.\-\s]+$/u;

/**
 * A name of several words with the last word in front, and with the first one at the end: pinyin and Vietnamese names are written
 * in either order. None for names of one word, and for those in characters.
 */
export function inOtherOrder(name: string): readonly string[] {
  const words = name.trim().split(/\s+/u);
  const [first = '', last = ''] = [words[0], words.at(-1)];
  if (words.length < 2 || !SPACED_NAME.test(name)) return [];
  return [[last, ...words.slice(0, -1)].join(' '), [...words.slice(1), first].join(' ')];
}

/** A name that is written "Lee, Ann" as "Ann Lee"; null for any other. */
export function turnedName(name: string): string | null {
  const [family, given, ...rest] = name.split(/[,，]/u).map((part) => part.trim());
  if (family === undefined || given === undefined || rest.length > 0) return null;
  return family === '' || given === '' ? null : `${given} ${family}`;
}
