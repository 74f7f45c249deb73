import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { BroadcastInfo } from '../../channel/broadcast-info.ts';
import { fileUrl, libraryUrl, watchUrl } from '../../channel/links.ts';
import { LazyEditDialog } from '../../edit/lazy-edit-dialog.tsx';
import { clockTime } from '../../timeshift/seek-bar.ts';
import { mayEdit } from '../../rights/claims.ts';
import type { Rights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';
import { timeshiftText } from '../../text/timeshift-text.ts';
import { Facts } from '../../ui/facts.tsx';
import { Icon } from '../../ui/icons.tsx';
import { BarLink, PageBar } from '../../ui/page-bar.tsx';
import { dateAndTime, gradeName, langOf } from '../../ui/words.ts';
import type { ReplayModel } from './replay-model.ts';
import type { ReplayPlayer } from './replay-player.ts';
import { ReplayStage } from './replay-stage.tsx';
import { RollMarks } from './roll-marks.tsx';

/** The open edit dialog, with the position of the player when it was opened, UTC milliseconds; null while closed. */
const editing = signal<{ readonly playheadMs: number | null } | null>(null);

/** The page of one broadcast: its replay and its facts. */
export function ReplayPage(props: {
  readonly model: ReplayModel;
  readonly player: ReplayPlayer;
  readonly video: HTMLVideoElement;
  readonly channel: string;
  readonly rights: Rights;
}): JSX.Element {
  const { model, player, video, channel, rights } = props;
  const broadcast = model.finding.value === 'gone' ? null : model.broadcast.value;
  return (
    <>
      <PageBar rights={rights}>
        <BarLink href={libraryUrl(null, rights.link)} icon="back">
          {timeshiftText('replay.all')}
        </BarLink>
      </PageBar>
      <main id="content" class="watch watch-timeshift" tabIndex={-1}>
        <ReplayStage model={model} player={player} video={video} channel={channel} rights={rights} />
        <section class="about" aria-label={t('watch.about')}>
          <div class="about-head">
            <h1 lang={broadcast === null ? undefined : langOf(broadcast.language)}>
              {broadcast?.title ??
                (model.finding.value === 'gone' ? timeshiftText('timeshift.gone') : channel)}
            </h1>
            {broadcast !== null && <Badge broadcast={broadcast} />}
          </div>
          {broadcast !== null && (
            <>
              <Facts facts={factsOf(broadcast)} />
              <RollMarks broadcast={broadcast} player={player} />
              <p class="deeds">
                {broadcast.download !== null && (
                  <a
                    class="deed"
                    href={fileUrl(broadcast.download, rights.address.value)}
                    download
                    title={timeshiftText('replay.downloadHint')}
                  >
                    <Icon name="download" />
                    {timeshiftText('replay.download')}
                  </a>
                )}
                <a class="deed" href={watchUrl(channel, rights.link)}>
                  <Icon name="play" />
                  {timeshiftText('replay.live')}
                </a>
                {mayEdit(rights.own, channel) && (
                  <button
                    type="button"
                    class="deed"
                    onClick={() => {
                      editing.value = { playheadMs: player.session.value?.programTimeMs() ?? null };
                    }}
                  >
                    <Icon name="edit" />
                    {timeshiftText('replay.edit')}
                  </button>
                )}
              </p>
            </>
          )}
          <p class="hidden" role="status" aria-live="polite">
            {spoken(model, player)}
          </p>
        </section>
      </main>
      {editing.value !== null && broadcast !== null && (
        <LazyEditDialog
          broadcast={broadcast}
          token={rights.own}
          playheadMs={editing.value.playheadMs}
          onChanged={(changed) => model.take(changed)}
          onDeleted={() => {
            model.remove();
            editing.value = null;
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

function Badge({ broadcast }: { readonly broadcast: BroadcastInfo }): JSX.Element {
  const isOnAir = broadcast.replay === null;
  return (
    <span class={`badge ${isOnAir ? 'badge-on-air' : 'badge-recorded'}`}>
      <span class="dot" aria-hidden="true" />
      {isOnAir ? t('state.on-air') : timeshiftText('state.recording')}
    </span>
  );
}

function factsOf(broadcast: BroadcastInfo): [string, ComponentChildren][] {
  const { teacher, subject, grade, startMs, durationMs, replay } = broadcast;
  return [
    [t('watch.teacher'), teacher],
    [t('watch.subject'), subject],
    [t('watch.grade'), grade === null ? null : gradeName(grade)],
    [
      timeshiftText('replay.date'),
      <time dateTime={new Date(startMs).toISOString()}>{dateAndTime(startMs)}</time>,
    ],
    [timeshiftText('replay.length'), replay === null ? null : clockTime(durationMs)],
  ];
}

/** What screen readers announce. */
function spoken(model: ReplayModel, player: ReplayPlayer): string {
  const state = player.session.value?.view.state.value;
  if (state === 'playing' || state === undefined) {
    switch (model.finding.value) {
      case 'gone':
      case 'forbidden':
        return timeshiftText(`timeshift.${model.finding.value}`);
      case 'unreachable':
        return timeshiftText('replay.unreachable');
      case 'loading':
        return timeshiftText('timeshift.loading');
      case 'found':
        return model.broadcast.value?.replay === null ? timeshiftText('replay.onAir') : '';
    }
  }
  return timeshiftText(`timeshift.${state}`);
}
