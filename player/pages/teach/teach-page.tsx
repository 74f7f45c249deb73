import type { JSX } from 'preact';
import { lobbyUrl, watchUrl } from '../../channel/links.ts';
import type { Session } from '../../live/live-session.ts';
import { CallBoard } from '../../teach/call-board.tsx';
import { PreviewCard, PublishCard } from '../../teach/on-air.tsx';
import { People } from '../../teach/people.tsx';
import { HistoryCard, RosterCard } from '../../teach/records.tsx';
import type { TeachDesk } from '../../teach/teacher-console.ts';
import { t } from '../../text/language.ts';
import { tt } from '../../text/teach-text.ts';
import { Logo } from '../../ui/icons.tsx';
import { SkipLink } from '../../ui/skip-link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Switches } from '../../ui/switches.tsx';

/** The page that a teacher has open beside her class. */
export function TeachPage(props: {
  readonly channel: string;
  /** Null without a teacher's token. */
  readonly desk: TeachDesk | null;
  readonly session: Session;
  readonly video: HTMLVideoElement;
}): JSX.Element {
  const { channel, desk, session, video } = props;
  const title = session.view.channel.value?.title ?? channel;
  return (
    <>
      <SkipLink />
      <header class="bar bar-tight">
        <a class="brand" href={lobbyUrl(null)}>
          <Logo />
          <span>{t('app.name')}</span>
        </a>
        <a
          class="quiet with-text bar-link"
          href={watchUrl(channel, desk?.token ?? null)}
          target="_blank"
          rel="noreferrer"
        >
          <span>{tt('studentPage')}</span>
        </a>
        <Switches />
      </header>
      <main id="content" class="teach" tabIndex={-1}>
        <div class="teach-head">
          <h1>{title}</h1>
          <StateBadge state={session.view.state.value} />
        </div>
        {desk === null || desk.isDenied.value ? (
          <section class="card">
            <p>
              <strong>{tt('noLink')}</strong>
            </p>
            <p class="soft">{tt('noLinkDetail', { channel })}</p>
          </section>
        ) : (
          <Desk desk={desk} session={session} video={video} />
        )}
      </main>
    </>
  );
}

function Desk(props: {
  readonly desk: TeachDesk;
  readonly session: Session;
  readonly video: HTMLVideoElement;
}): JSX.Element {
  const { desk, session, video } = props;
  return (
    <>
      {desk.line.value === 'lost' && (
        <p class="line-lost" role="alert">
          {tt('lost')}
        </p>
      )}
      <div class="teach-grid">
        <div class="teach-main">
          <CallBoard desk={desk} />
          <People desk={desk} />
        </div>
        <div class="teach-side">
          <PreviewCard desk={desk} session={session} video={video} />
          <PublishCard desk={desk} />
          <RosterCard desk={desk} />
          <HistoryCard desk={desk} />
          <p class="soft keys-note">{tt('keys')}</p>
        </div>
      </div>
    </>
  );
}
