/** A broadcast as the API tells it. */
export type FakeBroadcast = {
  id: string;
  channel: string;
  title: string;
  startMs: number;
  endMs: number | null;
  [field: string]: unknown;
};

/** What was asked of the library, and what was changed there. */
export type FakeLibrary = {
  broadcasts: FakeBroadcast[];
  /** Queries as they came. */
  readonly asked: string[];
  readonly changes: { readonly method: string; readonly path: string; readonly body: unknown }[];
};

/** An answer of the API. */
export type FakeAnswer = { readonly status: number; readonly body: unknown };

const NOTHING: FakeAnswer = { status: 404, body: { error: { code: 'unknown-broadcast', message: 'test' } } };

/** A broadcast of an hour, and all that follows from it. */
export function fakeBroadcast(change: Partial<FakeBroadcast> & { readonly id: string }): FakeBroadcast {
  const { channel = 'maths', id } = change;
  const startMs = change.startMs ?? Date.UTC(2026, 2, 2, 8);
  const endMs = change.endMs === undefined ? startMs + 96_000 : change.endMs;
  const folder = `/api/channels/${channel}/broadcasts/${id}`;
  return {
    title: `Lesson ${id}`,
    language: 'en',
    gaps: [],
    keep: false,
    durationMs: endMs === null ? 5000 : endMs - startMs,
    poster: endMs === null ? null : `${folder}/poster.jpg`,
    storyboard: endMs === null ? null : `${folder}/storyboard.vtt`,
    download: endMs === null ? null : `${folder}/video.mp4`,
    replay: endMs === null ? null : `/replay/${channel}/${startMs}-${endMs}/index.m3u8`,
    ...change,
    channel,
    startMs,
    endMs,
  };
}

/**
 * Answers for the library as the API does.
 *
 * @param body of a change, parsed; undefined for a question
 * @returns null for what is not its business
 */
export function answerLibrary(
  library: FakeLibrary,
  method: string,
  url: URL,
  body: unknown,
): FakeAnswer | null {
  const { pathname, searchParams } = url;
  if (pathname === '/api/broadcasts') {
    library.asked.push(url.search);
    return { status: 200, body: find(library.broadcasts, searchParams) };
  }
  const [, channel, id] = /^\/api\/channels\/([^/]+)\/broadcasts\/([^/]+)$/.exec(pathname) ?? [];
  if (id === undefined) return null;
  const at = library.broadcasts.findIndex((one) => one.id === id && one.channel === channel);
  const broadcast = library.broadcasts[at];
  if (method !== 'GET') library.changes.push({ method, path: pathname, body });
  if (broadcast === undefined) return NOTHING;
  if (method === 'PATCH') Object.assign(broadcast, body);
  if (method === 'DELETE') library.broadcasts.splice(at, 1);
  return method === 'DELETE' ? { status: 204, body: null } : { status: 200, body: broadcast };
}

function find(all: readonly FakeBroadcast[], asked: URLSearchParams): object {
  const words = (asked.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const is = (name: string, value: unknown) => asked.get(name) === null || asked.get(name) === String(value);
  const fits = all.filter((one) => {
    const text = [one.title, one['teacher'], one['subject'], one.channel].join(' ').toLowerCase();
    return (
      ['channel', 'grade', 'subject', 'teacher'].every((name) => is(name, one[name])) &&
      one.startMs >= Number(asked.get('from') ?? 0) &&
      one.startMs < Number(asked.get('to') ?? Number.POSITIVE_INFINITY) &&
      words.every((word) => text.includes(word))
    );
  });
  const sorted = fits.sort((a, b) => b.startMs - a.startMs);
  const from = Number(asked.get('after') ?? 0);
  const to = from + Number(asked.get('limit') ?? 50);
  const facet = (name: string) => [
    ...new Set(all.map((one) => one[name]).filter((value) => value !== undefined)),
  ];
  return {
    broadcasts: sorted.slice(from, to),
    next: to < sorted.length ? String(to) : null,
    ...(asked.get('facets') === 'no'
      ? {}
      : { facets: { subjects: facet('subject'), teachers: facet('teacher'), grades: facet('grade') } }),
  };
}
