import express, { type Router } from 'express';
import type { ChannelConfig } from '../../../config/schema.ts';
import type { Clock } from '../../../shared/clock.ts';
import { authorize } from '../../../shared/token.ts';
import type { Channels } from '../../live/channels.ts';
import { CachedBody } from '../../rendered/cached-body.ts';
import { openApiDocument } from './openapi.ts';
import { sendText } from '../reply/text-reply.ts';
import { channelCut } from '../../live/channel-cut.ts';

/** What the API needs. */
export type ChannelsApiDeps = {
  readonly channels: Channels;
  readonly clock: Clock;
  readonly secret: string;
  /** The broadcast that is on air on a channel; null where there is none, or nothing is kept. */
  broadcastOf(channel: string): { readonly id: string; readonly startMs: number } | null;
};

/** A channel, as the API tells it. */
export type ChannelSummary = {
  readonly id: string;
  readonly title: string;
  readonly grade?: number;
  readonly subject?: string;
  readonly teacher?: string;
  /** BCP 47. */
  readonly language: string;
  readonly latency: string;
  readonly partTargetMs: number;
  readonly state: string;
  /** UTC milliseconds. */
  readonly sinceMs: number;
  /** What is on air, for who wants to watch it from its start. */
  readonly broadcast: { readonly id: string; readonly startMs: number } | null;
};

/** How long the list of all channels is sent as it was written, in milliseconds: as long as caches may keep it. */
const LIST_KEPT_MS = 1000;

/**
 * The origin's part of `/api`: channels, the clock, the state of feeds, and the OpenAPI document.
 *
 * @returns a router to be mounted at the root
 */
export function createChannelsApi({ channels, clock, secret, broadcastOf }: ChannelsApiDeps): Router {
  const router = express.Router();

  const summarize = (config: ChannelConfig): ChannelSummary => {
    const nowMs = clock.nowMs();
    const live = channels.ifOpen(config.id);
    const { grade, subject, teacher } = config;
    return {
      id: config.id,
      title: config.title,
      ...(grade === undefined ? {} : { grade }),
      ...(subject === undefined ? {} : { subject }),
      ...(teacher === undefined ? {} : { teacher }),
      language: config.language,
      latency: config.latency,
      partTargetMs: channelCut(config).partTargetMs,
      ...(live?.state(nowMs) ?? { state: 'before', sinceMs: channels.startMs }),
      broadcast: broadcastOf(config.id),
    };
  };

  // The player's clock and the DASH client's (UTCTiming http-iso): never from a cache.
  // MPDs name it relative to themselves, and so with the token that stands in front of their own path.
  router.get(['/api/time', '/t/:token/api/time'], (_req, res) => {
    res.set({ 'Cache-Control': 'no-store', 'Access-Control-Allow-Origin': '*' });
    res.type('text/plain').send(new Date(clock.nowMs()).toISOString());
  });

  // Every open lobby asks for it.
  const list = new CachedBody(LIST_KEPT_MS);
  router.get('/api/channels', (req, res) => {
    const nowMs = clock.nowMs();
    const body = list.at(nowMs, () =>
      JSON.stringify({ serverTimeMs: nowMs, channels: channels.configs.map(summarize) }),
    );
    sendText(req, res, 'application/json; charset=utf-8', 'public, max-age=1', body);
  });

  router.get('/api/channels/:channel', (req, res) => {
    const config = channels.config(req.params.channel);
    res.set({ 'Cache-Control': 'public, max-age=1', 'Access-Control-Allow-Origin': '*' });
    res.json(summarize(config));
  });

  router.get('/api/channels/:channel/feeds', (req, res) => {
    const nowMs = clock.nowMs();
    authorize(secret, req.headers.authorization, req.params.channel, ['teacher', 'operator'], nowMs);
    const channel = channels.get(req.params.channel);
    const onAir = channel.feedAt() || null;
    const feeds = channel.feeds(nowMs).map(({ ending: _ending, ...feed }) => ({
      ...feed,
      onAir: feed.id === onAir,
    }));
    res.set('Cache-Control', 'no-store').json({ channel: req.params.channel, onAir, feeds });
  });

  router.get('/api/openapi.json', (_req, res) => {
    res.set({ 'Cache-Control': 'public, max-age=30', 'Access-Control-Allow-Origin': '*' });
    res.json(openApiDocument);
  });

  return router;
}
