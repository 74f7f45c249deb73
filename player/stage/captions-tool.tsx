import { createContext, type JSX } from 'preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import { t } from '../text/language.ts';
import { watchCaptions } from './captions.ts';
import { Tool } from './tool.tsx';

/** The video element of the stage around a component; null outside of one. */
export const StageVideo = createContext<HTMLVideoElement | null>(null);

/** The button for captions in the picture; none while the picture has none. */
export function CaptionsTool(): JSX.Element | null {
  const video = useContext(StageVideo);
  const captions = useMemo(() => (video === null ? null : watchCaptions(video)), [video]);
  useEffect(() => () => captions?.stop(), [captions]);
  if (captions === null) return null;
  const { names, shown } = captions.choice.value;
  if (names.length === 0) return null;
  const name = (shown === null ? undefined : names[shown]) ?? t('control.captionsOff');
  return <Tool icon="captions" label={t('control.captions', { name })} onClick={captions.next} />;
}
