import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { BroadcastInfo } from '../../channel/broadcast-info.ts';
import { lobbyUrl } from '../../channel/links.ts';
import { LazyEditDialog } from '../../edit/lazy-edit-dialog.tsx';
import { mayEdit } from '../../rights/claims.ts';
import { linkFaultText } from '../../rights/link-fault-text.ts';
import type { Rights } from '../../rights/rights.ts';
import { libraryText } from '../../text/library-text.ts';
import { Empty } from '../../ui/empty.tsx';
import { Icon } from '../../ui/icons.tsx';
import { BarLink, PageBar } from '../../ui/page-bar.tsx';
import { query } from './address.ts';
import { BroadcastCard } from './broadcast-card.tsx';
import { Finder } from './finder.tsx';
import type { Library } from './library.ts';
import { isNarrowed } from './library-query.ts';
import { More } from './more.tsx';
import { keyOf } from './broadcast-list.ts';

const editing = signal<BroadcastInfo | null>(null);

/** The library: all recordings, with search and filters. */
export function LibraryPage(props: { readonly library: Library; readonly rights: Rights }): JSX.Element {
  const { library, rights } = props;
  const broadcasts = library.broadcasts.value;
  const state = library.state.value;
  return (
    <>
      <PageBar rights={rights}>
        <BarLink href={lobbyUrl(rights.link)} icon="back">
          {libraryText('library.classes')}
        </BarLink>
      </PageBar>
      <main id="content" class="lobby library" tabIndex={-1} aria-busy={state === 'loading'}>
        <div class="lobby-head">
          <h1>{libraryText('library.title')}</h1>
          <p class="lobby-count" role="status">
            {broadcasts.length > 0 &&
              libraryText(library.hasMore.value ? 'library.shown' : 'library.shownAll', {
                count: broadcasts.length,
              })}
          </p>
        </div>
        {(state === 'fresh' || broadcasts.length > 0 || isNarrowed(query.value)) && (
          <Finder library={library} token={rights.own} />
        )}
        {state === 'stale' && (
          <p class="notice" role="alert">
            <Icon name="alert" />
            {libraryText('library.stale')}
          </p>
        )}
        {broadcasts.length === 0 ? (
          <Nothing library={library} rights={rights} />
        ) : (
          <ul class="cards broadcasts">
            {broadcasts.map((broadcast) => (
              <li key={keyOf(broadcast)}>
                <BroadcastCard
                  broadcast={broadcast}
                  rights={rights}
                  onEdit={
                    mayEdit(rights.own, broadcast.channel)
                      ? () => {
                          editing.value = broadcast;
                        }
                      : null
                  }
                />
              </li>
            ))}
          </ul>
        )}
        <More library={library} />
      </main>
      {editing.value !== null && (
        <LazyEditDialog
          key={keyOf(editing.value)}
          broadcast={editing.value}
          token={rights.own}
          playheadMs={null}
          onChanged={(broadcast) => library.take(broadcast)}
          onDeleted={(broadcast) => {
            library.remove(broadcast);
            editing.value = null;
            // The card that had the focus is gone.
            document.getElementById('content')?.focus();
          }}
          onClose={() => {
            editing.value = null;
          }}
        />
      )}
    </>
  );
}

function Nothing(props: { readonly library: Library; readonly rights: Rights }): JSX.Element {
  const { library, rights } = props;
  switch (library.state.value) {
    case 'loading':
      return <p class="empty-line">{libraryText('library.loading')}</p>;
    case 'forbidden':
      return <Empty icon="link" text={libraryText('library.forbidden')} detail={linkFaultText(rights)} />;
    case 'unreachable':
    case 'stale':
      return (
        <Empty
          icon="alert"
          text={libraryText(navigator.onLine ? 'library.unreachable' : 'library.offline')}
          detail=""
        />
      );
    case 'fresh':
      return isNarrowed(query.value) ? (
        <Empty
          icon="search"
          text={libraryText('library.nothingFound')}
          detail={libraryText('library.nothingFoundHint')}
        />
      ) : (
        <Empty icon="library" text={libraryText('library.empty')} detail={libraryText('library.emptyHint')} />
      );
  }
}
