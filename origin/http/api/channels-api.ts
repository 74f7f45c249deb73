import express, { type Router } from 'express';
import type { ChannelConfig } from '../../../config/schema.ts';
import type { Clock } from '../../../shared/clock.ts';
import { mountRoute } from '../../../shared/openapi/api-route.ts';
import { readInput } from '../../../shared/openapi/read-input.ts';
import { authorize, isForChannel } from '../../../shared/token.ts';
import type { AirStatus } from '../../live/air-status.ts';
import { channelCut } from '../../live/channel-cut.ts';
import type { Channels } from '../../live/channels.ts';
import { CachedBody } from '../../cached-text/cached-body.ts';
import type { PlaybackAccess } from '../playback/playback-access.ts';
import { sendText } from '../reply/text-reply.ts';
import { ReadAccess } from './read-access.ts';
import { type ChannelSummary, getChannel, getTime, listChannels, listFeeds } from './channels-routes.ts';

/** What the API of the channels needs. */
export type ChannelsApiDeps = {
  readonly channels: Channels;
  readonly clock: Clock;
  readonly playback: PlaybackAccess;
  /** The broadcast that is on air on a channel; null where there is none, or no archive. */
  broadcastOf(channel: string): { readonly id: string; readonly startMs: number } | null;
};

/** How long the list of all channels is cached, in milliseconds: every open lobby requests it, and caches hold it as long. */
const LIST_CACHE_MS = 1000;

/**
 * Makes the API of the channels, their feeds, and the clock.
 *
 * @returns a router to be mounted at the root
 */
export function createChannelsApi({ channels, clock, playback, broadcastOf }: ChannelsApiDeps): Router {
  const router = express.Router();
  const { secret } = playback;
  const readers = new ReadAccess(playback, clock);

  const airOf = (id: string): AirStatus | null => channels.ifOpen(id)?.air(clock.nowMs()) ?? null;
  const summarize = (config: ChannelConfig, air = airOf(config.id)): ChannelSummary => {
    const { id, title, grade, subject, teacher, language, latency } = config;
    return {
      ...{ id, title },
      ...(grade === undefined ? {} : { grade }),
      ...(subject === undefined ? {} : { subject }),
      ...(teacher === undefined ? {} : { teacher }),
      ...{ language, latency, partTargetMs: channelCut(config).partTargetMs },
      ...(channels.ifOpen(id)?.state(clock.nowMs()) ?? { state: 'before', sinceMs: channels.startMs }),
      broadcast: broadcastOf(id),
      lateMs: air?.lateMs ?? null,
      awaited: [...(channels.ifOpen(id)?.awaited(clock.nowMs()) ?? [])],
      plan: planSummary(air?.plan ?? null),
    };
  };

  // The clock of players and of DASH clients (UTCTiming http-iso). MPDs refer to it by a relative URL, so it is also
  // served behind the token prefix of their own path.
  for (const path of [getTime.path, `/t/{token}${getTime.path}`] as const) {
    mountRoute(router, { ...getTime, path }, (_req, res) => {
      res.set({ 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' });
      res.type('text/plain').send(new Date(clock.nowMs()).toISOString());
    });
  }

  const list = new CachedBody(LIST_CACHE_MS);
  mountRoute(router, listChannels, (req, res) => {
    const nowMs = clock.nowMs();
    if (readInput(listChannels.query, req.query, 'query').detail === 'lag') {
      authorize(secret, req.headers.authorization, null, ['operator'], nowMs);
      const listed = channels.configs.map((config) => {
        const air = airOf(config.id);
        return { ...summarize(config, air), air };
      });
      res.set('Cache-Control', 'no-store').json({ serverTimeMs: nowMs, channels: listed });
      return;
    }
    const render = (configs: readonly ChannelConfig[]): string =>
      JSON.stringify({ serverTimeMs: nowMs, channels: configs.map((config) => summarize(config)) });
    const claims = readers.check(req, res, null);
    if (claims !== null && claims.channel !== '*') {
      readers.allow(res, 1);
      res.type('json').send(render(channels.configs.filter(({ id }) => isForChannel(claims, id))));
      return;
    }
    const body = list.at(nowMs, () => render(channels.configs));
    sendText(
      { req, res, privateForS: claims === null ? null : 1 },
      'application/json; charset=utf-8',
      1,
      body,
    );
  });

  mountRoute(router, getChannel, (req, res) => {
    // Who may not see it is not told whether there is such a channel.
    readers.check(req, res, req.params.channel);
    const config = channels.config(req.params.channel);
    readers.allow(res, 1);
    res.json(summarize(config));
  });

  mountRoute(router, listFeeds, (req, res) => {
    const nowMs = clock.nowMs();
    authorize(secret, req.headers.authorization, req.params.channel, listFeeds.access, nowMs);
    const channel = channels.get(req.params.channel);
    const onAir = channel.feedAt() || null;
    const feeds = channel.feeds(nowMs).map(({ ending: _ending, ...feed }) => ({
      ...feed,
      onAir: feed.id === onAir,
    }));
    res.set('Cache-Control', 'no-store').json({
      ...{ channel: req.params.channel, onAir, feeds },
      air: channel.air(nowMs),
    });
  });

  return router;
}

function planSummary(plan: AirStatus['plan']): ChannelSummary['plan'] {
  if (plan === null) return null;
  const { level, name, tracks, away } = plan;
  return { level, name, tracks, away };
}
