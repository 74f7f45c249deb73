import type { ReadonlySignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { libraryUrl, lobbyUrl } from '../../channel/links.ts';
import type { ChannelInfo } from '../../channel/channel-info.ts';
import type { LiveSession } from '../../live/live-session.ts';
import type { Rights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';
import { Facts } from '../../ui/facts.tsx';
import { Icon } from '../../ui/icons.tsx';
import { BarLink, PageBar } from '../../ui/page-bar.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { gradeName, langOf } from '../../ui/words.ts';
import { Stage } from './stage.tsx';
import type { LazyStartOver } from './lazy-start-over.ts';

/** The page of one channel. */
export function WatchPage(props: {
  readonly session: LiveSession;
  readonly startOver: LazyStartOver;
  readonly video: HTMLVideoElement;
  readonly channelId: string;
  readonly rights: Rights;
  /** The roll call over the picture; null until it is loaded. */
  readonly rollCall: ReadonlySignal<ComponentType | null>;
}): JSX.Element {
  const { session, startOver, video, channelId, rights, rollCall } = props;
  const { channel, state } = session.view;
  const info = channel.value;
  // Beside a class that is watched from its start stands how it is on air.
  const spoken = startOver.current.value === null ? state.value : (info?.state ?? state.value);
  const isClass = spoken === 'on-air' || spoken === 'announcement' || spoken === 'recorded';
  return (
    <>
      <PageBar rights={rights}>
        <BarLink href={lobbyUrl(rights.link)} icon="back">
          {t('watch.allClasses')}
        </BarLink>
        {channelId !== '' && (
          <a
            class="quiet with-text bar-link"
            href={libraryUrl(channelId, rights.link)}
            title={t('watch.recordings')}
          >
            <Icon name="library" />
            <span>{t('lobby.library')}</span>
          </a>
        )}
      </PageBar>
      <main id="content" class="watch" tabIndex={-1}>
        <Stage session={session} startOver={startOver} video={video} rights={rights} rollCall={rollCall} />
        <section class="about" aria-label={t('watch.about')}>
          <div class="about-head">
            <h1 lang={info === null ? undefined : langOf(info.language)}>
              {info?.title ?? (spoken === 'not-found' ? t('say.not-found') : channelId)}
            </h1>
            <StateBadge state={spoken} />
          </div>
          {info !== null && <Facts facts={factsOf(info)} />}
          <p class="hidden" role="status" aria-live="polite">
            {isClass ? t(`state.${spoken}`) : t(`say.${spoken}`)}
          </p>
        </section>
      </main>
    </>
  );
}

function factsOf({ teacher, subject, grade }: ChannelInfo): [string, string | null][] {
  return [
    [t('watch.teacher'), teacher],
    [t('watch.subject'), subject],
    [t('watch.grade'), grade === null ? null : gradeName(grade)],
  ];
}
