import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { BroadcastInfo } from '../../channel/broadcast-info.ts';
import { fileUrl, replayUrl, watchUrl } from '../../channel/links.ts';
import type { Rights } from '../../rights/rights.ts';
import { clockTime } from '../../timeshift/seek-bar.ts';
import { editText } from '../../text/edit-text.ts';
import { libraryText } from '../../text/library-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { dateAndTime, gradeName, langOf } from '../../ui/words.ts';

/** One broadcast: picture, date, length, and the link to its page. */
export function BroadcastCard(props: {
  readonly broadcast: BroadcastInfo;
  readonly rights: Rights;
  /** Null where the viewer may not edit. */
  readonly onEdit: (() => void) | null;
}): JSX.Element {
  const { broadcast, rights, onEdit } = props;
  const { channel, id, title, teacher, subject, grade, startMs, durationMs } = broadcast;
  const isOnAir = broadcast.endMs === null;
  const about = [subject, teacher, grade === null ? null : gradeName(grade)].filter((text) => text !== null);
  return (
    <article class={`card broadcast${isOnAir ? ' card-live' : ''}`}>
      <a
        class="broadcast-link"
        href={isOnAir ? watchUrl(channel, rights.link) : replayUrl(channel, id, rights.link)}
      >
        <span class="poster">
          <Picture src={broadcast.poster === null ? null : fileUrl(broadcast.poster, rights.address.value)} />
          {isOnAir ? (
            <span class="badge badge-on-air">
              <span class="dot" aria-hidden="true" />
              {libraryText('library.onAir')}
            </span>
          ) : (
            <span class="poster-length">
              <span class="hidden">{libraryText('library.length', { length: '' })}</span>
              {clockTime(durationMs)}
            </span>
          )}
        </span>
        <span class="card-title" lang={langOf(broadcast.language)}>
          {title}
        </span>
        <span class="card-about">
          <time dateTime={new Date(startMs).toISOString()}>{dateAndTime(startMs)}</time>
          <br />
          {about.length === 0 ? '\u00a0' : about.join(' · ')}
        </span>
      </a>
      {onEdit !== null && (
        <div class="broadcast-deeds">
          {broadcast.keep && (
            <span class="badge">
              <Icon name="pin" />
              {libraryText('library.kept')}
            </span>
          )}
          <button
            type="button"
            class="quiet with-text"
            aria-label={editText('edit.of', { title })}
            onClick={onEdit}
          >
            <Icon name="edit" />
            <span>{editText('edit.open')}</span>
          </button>
        </div>
      )}
    </article>
  );
}

/** The poster, or a plain picture where there is none or it cannot be loaded. */
function Picture({ src }: { readonly src: string | null }): JSX.Element {
  const failed = useSignal(false);
  if (src === null || failed.value) return <Icon name="play" />;
  return (
    <img
      src={src}
      alt=""
      width={320}
      height={180}
      loading="lazy"
      decoding="async"
      onError={() => {
        failed.value = true;
      }}
    />
  );
}
