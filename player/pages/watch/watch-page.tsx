import type { ReadonlySignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { libraryUrl, lobbyUrl } from '../../channel/links.ts';
import type { ChannelInfo } from '../../channel/channel-info.ts';
import type { LiveSession } from '../../live/live-session.ts';
import { t } from '../../text/language.ts';
import type { TextKey } from '../../text/strings.ts';
import { Icon, Logo } from '../../ui/icons.tsx';
import { SkipLink } from '../../ui/skip-link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Switches } from '../../ui/switches.tsx';
import { gradeName, langOf } from '../../ui/words.ts';
import { Stage } from './stage.tsx';
import type { LazyStartOver } from './lazy-start-over.ts';

/** The page of one channel. */
export function WatchPage(props: {
  readonly session: LiveSession;
  readonly startOver: LazyStartOver;
  readonly video: HTMLVideoElement;
  readonly channelId: string;
  readonly token: string | null;
  /** What lies over the picture while the roll is called. */
  readonly rollCall: ReadonlySignal<ComponentType | null>;
}): JSX.Element {
  const { session, startOver, video, channelId, token, rollCall } = props;
  const { channel, state } = session.view;
  const info = channel.value;
  // Beside a class that is watched from its start stands how it is on air.
  const spoken = startOver.current.value === null ? state.value : (info?.state ?? state.value);
  const isClass = spoken === 'on-air' || spoken === 'announcement' || spoken === 'recorded';
  return (
    <>
      <SkipLink />
      <header class="bar bar-tight">
        <a class="brand" href={lobbyUrl(token)}>
          <Logo />
          <span>{t('app.name')}</span>
        </a>
        <a class="back" href={lobbyUrl(token)}>
          <Icon name="back" />
          {t('watch.allClasses')}
        </a>
        {channelId !== '' && (
          <a
            class="quiet with-text bar-link"
            href={libraryUrl(channelId, token)}
            title={t('watch.recordings')}
          >
            <Icon name="library" />
            <span>{t('lobby.library')}</span>
          </a>
        )}
        <Switches />
      </header>
      <main id="content" class="watch" tabIndex={-1}>
        <Stage session={session} startOver={startOver} video={video} rollCall={rollCall} />
        <section class="about" aria-label={t('watch.about')}>
          <div class="about-head">
            <h1 lang={info === null ? undefined : langOf(info.language)}>
              {info?.title ?? (spoken === 'not-found' ? t('say.not-found') : channelId)}
            </h1>
            <StateBadge state={spoken} />
          </div>
          {info !== null && <Facts info={info} />}
          <p class="hidden" role="status" aria-live="polite">
            {isClass ? t(`state.${spoken}`) : t(`say.${spoken}`)}
          </p>
        </section>
      </main>
    </>
  );
}

function Facts({ info }: { readonly info: ChannelInfo }): JSX.Element {
  const facts: [TextKey, string | null][] = [
    ['watch.teacher', info.teacher],
    ['watch.subject', info.subject],
    ['watch.grade', info.grade === null ? null : gradeName(info.grade)],
  ];
  return (
    <dl class="facts">
      {facts.map(
        ([key, value]) =>
          value !== null && (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
