import type { ChannelInfo } from '../../channel/channel-info.ts';
import type { RunState } from '../../playback/run-at.ts';

/** Channels of one grade; null for those of no grade. */
export type Group = { readonly grade: number | null; readonly channels: readonly ChannelInfo[] };

/** What the viewer is looking for. */
export type Wanted = {
  /** Words that must all occur in the title, subject, teacher or id; case does not matter. */
  readonly query: string;
  /** One grade; null for all. */
  readonly grade: number | null;
};

const ORDER: readonly RunState[] = ['on-air', 'announcement', 'interrupted', 'recorded', 'before', 'over'];

/** Tells whether something is to be seen on a channel now. */
export function isOnAir(state: RunState): boolean {
  return state === 'on-air' || state === 'announcement' || state === 'interrupted';
}

/**
 * Puts channels in the lobby's order: grades with a class on air first, then by grade, those of no grade last; within a
 * grade what is on air comes first, then by title.
 *
 * @param language BCP 47, for the order of titles
 */
export function groupChannels(channels: readonly ChannelInfo[], wanted: Wanted, language: string): Group[] {
  const words = wanted.query
    .toLocaleLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
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
 * The grade that is looked for: the one chosen, as long as there is a choice and the chosen one is in it.
 *
 * @param grades as of {@link gradesOf}
 */
export function gradeInForce(grades: readonly number[], chosen: number | null): number | null {
  return grades.length > 1 && chosen !== null && grades.includes(chosen) ? chosen : null;
}

/** The grades that channels are there for, ascending. */
export function gradesOf(channels: readonly ChannelInfo[]): number[] {
  const grades = new Set(channels.map((channel) => channel.grade).filter((grade) => grade !== null));
  return [...grades].sort((a, b) => a - b);
}

function lively(group: Group): number {
  return group.channels.some((channel) => isOnAir(channel.state)) ? 1 : 0;
}

function matches(channel: ChannelInfo, words: readonly string[]): boolean {
  const text = [channel.title, channel.subject, channel.teacher, channel.id].join(' ').toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}
