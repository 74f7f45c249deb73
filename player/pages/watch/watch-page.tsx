import type { JSX } from 'preact';
import { lobbyUrl } from '../../channel/links.ts';
import type { ChannelInfo } from '../../channel/parse.ts';
import type { Session } from '../../playback/session.ts';
import { t } from '../../text/language.ts';
import type { TextKey } from '../../text/strings.ts';
import { Icon, Logo } from '../../ui/icons.tsx';
import { SkipLink } from '../../ui/skip-link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Switches } from '../../ui/switches.tsx';
import { Stage } from './stage.tsx';

/** The page of one channel. */
export function WatchPage(props: {
  readonly session: Session;
  readonly video: HTMLVideoElement;
  readonly channelId: string;
  readonly token: string | null;
}): JSX.Element {
  const { session, video, channelId, token } = props;
  const { channel, state } = session.view;
  const info = channel.value;
  const spoken = state.value;
  const isClass = spoken === 'on-air' || spoken === 'announcement' || spoken === 'recorded';
  return (
    <>
      <SkipLink />
      <header class="bar bar-watch">
        <a class="brand" href={lobbyUrl(token)}>
          <Logo />
          <span>{t('app.name')}</span>
        </a>
        <a class="back" href={lobbyUrl(token)}>
          <Icon name="back" />
          {t('watch.allClasses')}
        </a>
        <Switches />
      </header>
      <main id="content" class="watch" tabIndex={-1}>
        <Stage session={session} video={video} />
        <section class="about" aria-label={t('watch.about')}>
          <div class="about-head">
            <h1 lang={info === null || info.language === 'und' ? undefined : info.language}>
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
    ['watch.grade', info.grade === null ? null : t(`grade.${info.grade}` as TextKey)],
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
