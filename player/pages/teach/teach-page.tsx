import type { JSX } from 'preact';
import { watchUrl } from '../../channel/links.ts';
import type { LiveSession } from '../../live/live-session.ts';
import { CallBoard } from '../../teach/call-board.tsx';
import { PreviewCard, PublishCard } from '../../teach/on-air.tsx';
import { People } from '../../teach/people.tsx';
import { HistoryCard } from '../../teach/records.tsx';
import { RosterCard } from '../../teach/roster-card.tsx';
import type { TeacherConsole } from '../../teach/teacher-console.ts';
import { linkFaultText } from '../../rights/link-fault-text.ts';
import type { Rights } from '../../rights/rights.ts';
import { teachText } from '../../text/teach-text.ts';
import { PageBar } from '../../ui/page-bar.tsx';
import { Icon } from '../../ui/icons.tsx';
import { KeysSwitch } from '../../ui/keys-switch.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';

/** The teacher's page. */
export function TeachPage(props: {
  readonly channel: string;
  readonly rights: Rights;
  /** Null without a teacher's token. */
  readonly teacherConsole: TeacherConsole | null;
  readonly session: LiveSession;
  readonly video: HTMLVideoElement;
}): JSX.Element {
  const { channel, rights, teacherConsole, session, video } = props;
  const title = session.view.channel.value?.title ?? channel;
  return (
    <>
      <PageBar rights={rights}>
        <a class="quiet with-text bar-link" href={watchUrl(channel, null)} target="_blank">
          <Icon name="watch" />
          <span>{teachText('studentPage')}</span>
        </a>
      </PageBar>
      <main id="content" class="teach" tabIndex={-1}>
        <div class="teach-head">
          <h1>{title}</h1>
          {teacherConsole !== null && <StateBadge state={session.view.state.value} />}
        </div>
        {teacherConsole === null || teacherConsole.isDenied.value ? (
          <section class="card">
            <p>
              <strong>{teachText('noLink')}</strong>
            </p>
            {(rights.own !== null || rights.isDamaged) && <p>{linkFaultText(rights)}</p>}
            <p class="soft">{teachText('noLinkDetail', { channel })}</p>
          </section>
        ) : (
          <TeachColumns teacherConsole={teacherConsole} session={session} video={video} />
        )}
      </main>
    </>
  );
}

function TeachColumns(props: {
  readonly teacherConsole: TeacherConsole;
  readonly session: LiveSession;
  readonly video: HTMLVideoElement;
}): JSX.Element {
  const { teacherConsole, session, video } = props;
  return (
    <>
      {teacherConsole.line.value === 'lost' && (
        <p class="line-lost" role="alert">
          {teachText('lost')}
        </p>
      )}
      <div class="teach-grid">
        <div class="teach-main">
          <CallBoard teacherConsole={teacherConsole} />
          <People teacherConsole={teacherConsole} />
        </div>
        <div class="teach-side">
          <PreviewCard teacherConsole={teacherConsole} session={session} video={video} />
          <PublishCard teacherConsole={teacherConsole} />
          <RosterCard teacherConsole={teacherConsole} />
          <HistoryCard teacherConsole={teacherConsole} />
          <div class="keys-note">
            <p class="soft">{teachText('keys')}</p>
            <KeysSwitch />
          </div>
        </div>
      </div>
    </>
  );
}
