/**
 * Search as people type it, for the library and the lobby: words in any order, in any case and width, with or without accents,
 * hyphens and spaces. Pure.
 */

/** Words of a query that are looked at, and characters of each: a query may be made to cost time. */
const WORDS_MAX = 16;
const WORD_LENGTH_MAX = 60;
/** Characters of a query that are looked at. */
const QUERY_LENGTH_MAX = 400;

const DIGITS = '一二三四五六七八九';
/** School years by the names that they have in Chinese beside their number. */
const STAGES: Readonly<Record<string, number>> = { 小: 0, 初: 6, 高: 9 };

/** A pattern, and what may not stand in front of it: browsers that pages support have no lookbehind. */
type GradePattern = { readonly pattern: RegExp; readonly notBehind: RegExp };

const CHINESE_GRADE: GradePattern = {
  pattern: /(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九]) ?年[级級]/gu,
  notBehind: /[0-9一二三四五六七八九十]/u,
};
/** At the beginning of a word and before a subject, a class or nothing: "提高三角" is no grade. */
const STAGE_GRADE: GradePattern = {
  pattern: /([小初高])([一二三四五六])(?=$| |[上下年班数數语語英物化生历歷地政音体體美信科\d(])/gu,
  notBehind: /[^ ]/u,
};
const ENGLISH_GRADE: GradePattern = {
  pattern: /(?:grade|year|gr|g) ?(1[0-2]|[1-9])(?![0-9a-z])/gu,
  notBehind: /[a-z0-9]/u,
};
const ORDINAL_GRADE: GradePattern = {
  pattern: /(1[0-2]|[1-9])(?:st|nd|rd|th) grade(?![a-z])/gu,
  notBehind: /[a-z0-9]/u,
};

/** A text in its form for searches, see {@link searchForm}. */
export type SearchForm = string;

/** A query in its form for searches. */
export type SearchWords = {
  readonly words: readonly string[];
  /** Grades that the query names; a text must be of each of them. */
  readonly grades: readonly number[];
};

/**
 * The form of a text that is searched: folded, also without its spaces, with its grades in all their names.
 *
 * @param parts title, teacher and the like
 * @param grade the school year, where it is known; 1 to 12
 */
export function searchForm(parts: readonly string[], grade?: number | null): SearchForm {
  const folded = parts.map(fold);
  const grades = new Set(folded.flatMap((part) => takeGrades(part).grades));
  if (grade !== undefined && grade !== null) grades.add(grade);
  const spaced = folded.join(' | ');
  // "hall 7" is found by "hall7", "数学 七年级" by "数学七年级"; what stands in two parts is not joined.
  const joined = spaced.replaceAll(' ', '');
  // One flat string: a template would keep its pieces, each an object that every garbage collection goes through.
  return [spaced, joined, [...grades].map(namesOfGrade).join(' ')].join(' | ');
}

/** Reads a query. What is too long is left out; quotes and other punctuation separate words. */
export function searchWords(query: string): SearchWords {
  const { rest, grades } = takeGrades(fold(query.slice(0, QUERY_LENGTH_MAX)));
  const words = rest
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, WORDS_MAX)
    .map((word) => word.slice(0, WORD_LENGTH_MAX));
  return { words, grades };
}

/** Whether a text has all words of a query. */
export function matchesWords(form: SearchForm, { words, grades }: SearchWords): boolean {
  return grades.every((grade) => form.includes(tokenOf(grade))) && words.every((word) => hasWord(form, word));
}

/** A word is found as it is; one in Chinese also in pieces: people write "数学七年级" for "七年级数学". */
function hasWord(form: SearchForm, word: string): boolean {
  if (form.includes(word)) return true;
  return HAN_WORD.test(word) && isMadeOf(form, word);
}

const HAN_WORD = /^[\u3400-\u9fff\uf900-\ufaff0-9]{3,}$/u;

/** Whether a word can be cut into pieces of two characters or more that the text has; the last piece may be one character. */
function isMadeOf(form: SearchForm, word: string): boolean {
  for (let at = 0; at < word.length; ) {
    let length = Math.min(2, word.length - at);
    if (!form.includes(word.slice(at, at + length))) return false;
    while (at + length < word.length && form.includes(word.slice(at, at + length + 1))) length++;
    at += length;
  }
  return true;
}

/** Without differences of width, case, accents and punctuation; one space between words. */
function fold(text: string): string {
  return text
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/gu, '')
    .normalize('NFC')
    .replaceAll(/['’‘`´]/gu, '')
    .replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .trim();
}

/** Takes the grades out of a folded text. */
function takeGrades(folded: string): { readonly rest: string; readonly grades: number[] } {
  const grades: number[] = [];
  const take = (grade: number): string => {
    if (grade >= 1 && grade <= 12 && !grades.includes(grade)) grades.push(grade);
    return ' ';
  };
  let rest = replaceGrades(folded, CHINESE_GRADE, (_, [number = '']) => take(numberOf(number)));
  rest = replaceGrades(rest, STAGE_GRADE, (whole, [stage = '', number = '']) => {
    const within = numberOf(number);
    return stage !== '小' && within > 3 ? whole : take((STAGES[stage] ?? 0) + within);
  });
  rest = replaceGrades(rest, ENGLISH_GRADE, (_, [number]) => take(Number(number)));
  rest = replaceGrades(rest, ORDINAL_GRADE, (_, [number]) => take(Number(number)));
  return { rest, grades };
}

function replaceGrades(
  text: string,
  { pattern, notBehind }: GradePattern,
  replace: (whole: string, groups: readonly string[]) => string,
): string {
  let [done, at] = ['', 0];
  for (const match of text.matchAll(pattern)) {
    const [whole, ...groups] = match;
    const isInside = match.index > 0 && notBehind.test(text.charAt(match.index - 1));
    done += text.slice(at, match.index) + (isInside ? whole : replace(whole, groups));
    at = match.index + whole.length;
  }
  return done + text.slice(at);
}

/** 1 to 12 in digits or in Chinese; 0 for anything else. */
function numberOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (!text.startsWith('十')) return DIGITS.indexOf(text) + 1;
  return 10 + (text.length > 1 ? DIGITS.indexOf(text.slice(1)) + 1 : 0);
}

/** Marked at both ends, so that grade 1 is not found in grade 12. */
function tokenOf(grade: number): string {
  return `<${grade}>`;
}

/** Half-typed names are found as well: "7年". */
function namesOfGrade(grade: number): string {
  const chinese = grade > 10 ? `十${DIGITS[grade - 11] ?? ''}` : (DIGITS[grade - 1] ?? '十');
  return `${tokenOf(grade)} grade ${grade} grade${grade} ${grade}年级 ${chinese}年级`;
}
