import { signal, useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { libraryUrl, watchUrl } from '../../channel/links.ts';
import type { ChannelInfo } from '../../channel/channel-info.ts';
import { isTeacherConnected } from '../../live/awaited-note.ts';
import { linkFaultText } from '../../rights/link-fault-text.ts';
import type { Rights } from '../../rights/rights.ts';
import { language, t } from '../../text/language.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icons.tsx';
import { BarLink, PageBar } from '../../ui/page-bar.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { gradeName, langOf } from '../../ui/words.ts';
import { gradeInForce, gradesOf, groupChannels, isOnAir } from './groups.ts';
import { channelList, clockOffsetMs, lobbyState } from './poll.ts';

const query = signal('');
const grade = signal<number | null>(null);

/** The lobby: which classes there are, and which are on air. */
export function LobbyPage({ rights }: { readonly rights: Rights }): JSX.Element {
  const channels = channelList.value?.channels ?? [];
  const onAir = channels.filter((channel) => isOnAir(channel.state)).length;
  const known = channelList.value !== null;
  return (
    <>
      <PageBar rights={rights}>
        <BarLink href={libraryUrl(null, rights.link)} icon="library">
          {t('lobby.library')}
        </BarLink>
      </PageBar>
      <main id="content" class="lobby" tabIndex={-1}>
        <div class="lobby-head">
          <h1>{t('lobby.title')}</h1>
          <p class="lobby-count" role="status">
            {known && (onAir > 0 ? t('lobby.onAirCount', { count: onAir }) : t('lobby.onAirNone'))}
          </p>
        </div>
        {channels.length > 1 && <Finder channels={channels} />}
        {lobbyState.value === 'stale' && (
          <p class="notice" role="alert">
            <Icon name="alert" />
            {t('lobby.stale')}
          </p>
        )}
        {known ? <Groups channels={channels} token={rights.link} /> : <Nothing rights={rights} />}
      </main>
    </>
  );
}

function Finder({ channels }: { readonly channels: readonly ChannelInfo[] }): JSX.Element {
  const grades = gradesOf(channels);
  const inForce = gradeInForce(grades, grade.value);
  return (
    <div class="finder">
      <label class="search">
        <Icon name="search" />
        <span class="hidden">{t('lobby.search')}</span>
        <input
          type="search"
          autocomplete="off"
          placeholder={t('lobby.search')}
          value={query.value}
          onInput={(event) => {
            // An input method shows letters that become a word later.
            if (!event.isComposing) query.value = event.currentTarget.value;
          }}
          onCompositionEnd={(event) => {
            query.value = event.currentTarget.value;
          }}
        />
      </label>
      {grades.length > 1 && (
        <div class="chips" role="group" aria-label={t('lobby.filter')}>
          {[null, ...grades].map((value) => (
            <button
              key={value}
              type="button"
              class="chip"
              aria-pressed={inForce === value}
              onClick={() => {
                grade.value = value;
              }}
            >
              {value === null ? t('lobby.allGrades') : gradeName(value)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function Groups(props: {
  readonly channels: readonly ChannelInfo[];
  readonly token: string | null;
}): JSX.Element {
  const groups = useComputed(() => {
    const channels = channelList.value?.channels ?? [];
    const wanted = { query: query.value, grade: gradeInForce(gradesOf(channels), grade.value) };
    return groupChannels(channels, wanted, language.value);
  });
  if (props.channels.length === 0) {
    return <Empty icon="clock" text={t('lobby.empty')} detail={t('lobby.emptyHint')} />;
  }
  if (groups.value.length === 0) {
    return <Empty icon="search" text={t('lobby.nothingFound', { query: query.value })} detail="" />;
  }
  return (
    <>
      {groups.value.map((group) => (
        <section key={group.grade ?? 'none'} class="group">
          <h2>{gradeName(group.grade)}</h2>
          <ul class="cards">
            {group.channels.map((channel) => (
              <li key={channel.id}>
                <Card channel={channel} token={props.token} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}

function Card(props: { readonly channel: ChannelInfo; readonly token: string | null }): JSX.Element {
  const { channel } = props;
  const about = [channel.subject, channel.teacher].filter((text) => text !== null).join(' · ');
  return (
    <a class={`card${isOnAir(channel.state) ? ' card-live' : ''}`} href={watchUrl(channel.id, props.token)}>
      <span class="card-top">
        <StateBadge state={channel.state} />
        <span class="since">
          {isOnAir(channel.state) && since(channel.sinceMs)}
          {isTeacherConnected(channel.state, channel.awaited) && t('lobby.connected')}
        </span>
      </span>
      <span class="card-title" lang={langOf(channel.language)}>
        {channel.title}
      </span>
      <span class="card-about">{about === '' ? '\u00a0' : about}</span>
    </a>
  );
}

function Nothing({ rights }: { readonly rights: Rights }): JSX.Element {
  switch (lobbyState.value) {
    case 'forbidden':
      return <Empty icon="link" text={t('lobby.forbidden')} detail={linkFaultText(rights)} />;
    case 'full':
      return <Empty icon="clock" text={t('lobby.full')} detail="" />;
    case 'unreachable':
      return <Empty icon="alert" text={t('lobby.unreachable')} detail="" />;
    default:
      return <p class="empty-line">{t('lobby.loading')}</p>;
  }
}

function since(sinceMs: number): string {
  const minutes = Math.floor((Date.now() + clockOffsetMs.value - sinceMs) / 60_000);
  if (sinceMs === 0) return '';
  if (minutes < 1) return t('since.now');
  return minutes < 120
    ? t('since.minutes', { count: minutes })
    : t('since.hours', { count: Math.floor(minutes / 60) });
}
