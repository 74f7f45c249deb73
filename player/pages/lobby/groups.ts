import type { ChannelInfo } from '../../channel/channel-info.ts';
import type { RunState } from '../../playback/run-at.ts';
import { matchesWords, searchForm, type SearchWords, searchWords } from '../../../shared/search-words.ts';

/** Channels of one grade; null for those of no grade. */
export type Group = { readonly grade: number | null; readonly channels: readonly ChannelInfo[] };

/** The filter of the lobby. */
export type Wanted = {
  /** Words that must all occur in the title, subject, teacher, id or grade, see {@link searchWords}. */
  readonly query: string;
  /** One grade; null for all. */
  readonly grade: number | null;
};

const ORDER: readonly RunState[] = ['on-air', 'announcement', 'interrupted', 'recorded', 'before', 'over'];

/** Tells whether a channel shows something other than the slate. */
export function isOnAir(state: RunState): boolean {
  return state === 'on-air' || state === 'announcement' || state === 'interrupted';
}

/**
 * Sorts channels for the lobby: grades with a class on air first, then by grade, those without a grade last; within a
 * grade what is on air comes first, then by title.
 *
 * @param language BCP 47, for the order of titles
 */
export function groupChannels(channels: readonly ChannelInfo[], wanted: Wanted, language: string): Group[] {
  const words = searchWords(wanted.query);
  const collator = new Intl.Collator(language, { numeric: true });
  const byGrade = new Map<number | null, ChannelInfo[]>();
  for (const channel of channels) {
    if (wanted.grade !== null && channel.grade !== wanted.grade) continue;
    if (!matches(channel, words)) continue;
    byGrade.set(channel.grade, [...(byGrade.get(channel.grade) ?? []), channel]);
  }
  const groups = [...byGrade].map(([grade, members]) => ({
    grade,
    channels: members.sort(
      (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || collator.compare(a.title, b.title),
    ),
  }));
  return groups.sort((a, b) => lively(b) - lively(a) || (a.grade ?? 99) - (b.grade ?? 99));
}

/**
 * The grade of the filter: the chosen one, as long as there are several grades and it is one of them.
 *
 * @param grades as of {@link gradesOf}
 */
export function gradeInForce(grades: readonly number[], chosen: number | null): number | null {
  return grades.length > 1 && chosen !== null && grades.includes(chosen) ? chosen : null;
}

/** The grades of channels, ascending. */
export function gradesOf(channels: readonly ChannelInfo[]): number[] {
  const grades = new Set(channels.map((channel) => channel.grade).filter((grade) => grade !== null));
  return [...grades].sort((a, b) => a - b);
}

function lively(group: Group): number {
  return group.channels.some((channel) => isOnAir(channel.state)) ? 1 : 0;
}

function matches({ title, subject, teacher, id, grade }: ChannelInfo, words: SearchWords): boolean {
  return matchesWords(searchForm([title, subject ?? '', teacher ?? '', id], grade), words);
}
