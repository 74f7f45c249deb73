import type { JSX } from 'preact';
import type { LiveSession } from '../../live/live-session.ts';
import { t } from '../../text/language.ts';
import type { TextKey } from '../../text/strings.ts';
import { Icon } from '../../ui/icons.tsx';
import { levelName } from '../../stage/level-name.ts';

/** Delay, buffer, quality and network in figures. */
export function StatsPanel(props: {
  readonly session: LiveSession;
  readonly onClose: () => void;
}): JSX.Element {
  const { stats, levels, playing } = props.session.view;
  const now = stats.value;
  const level = levels.value[playing.value];
  const picture = now.heightPx > 0 ? `${now.widthPx} × ${now.heightPx}` : null;
  const rows: [TextKey, string][] = [
    ['stats.latency', seconds(now.latencyMs)],
    ['stats.buffer', t('stats.milliseconds', { value: Math.round(now.bufferMs) })],
    ['stats.speed', `${now.rate.toFixed(2)} ×`],
    ['stats.jitter', t('stats.milliseconds', { value: Math.round(now.jitterMs) })],
    ['stats.quality', [level && levelName(level), picture].filter(Boolean).join(' · ') || t('stats.unknown')],
    ['stats.line', megabits(now.estimateBps)],
    ['stats.dropped', `${now.droppedFrames} / ${now.shownFrames}`],
    ['stats.stalls', String(now.stalls)],
    ['stats.firstFrame', seconds(now.firstFrameMs)],
  ];
  return (
    <section class="panel stats" aria-label={t('control.stats')}>
      <header>
        <h2>{t('control.stats')}</h2>
        <button type="button" class="tool" aria-label={t('control.close')} onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {rows.map(([key, value]) => (
          <div key={key}>
            <dt>{t(key)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function seconds(ms: number | null): string {
  return ms === null ? t('stats.unknown') : t('stats.seconds', { value: (ms / 1000).toFixed(2) });
}

function megabits(bps: number | null): string {
  return bps === null ? t('stats.unknown') : t('stats.megabits', { value: (bps / 1_000_000).toFixed(1) });
}
