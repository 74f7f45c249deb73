import type { JSX } from 'preact';
import { t } from '../text/language.ts';
import { CaptionsTool } from './captions-tool.tsx';
import { isFullscreen } from './fullscreen.ts';
import { Tool } from './tool.tsx';

/** Captions, picture in picture and full screen, the last of the controls. */
export function ScreenTools(props: {
  readonly pipPossible: boolean;
  readonly onPip: () => void;
  readonly onFullscreen: () => void;
}): JSX.Element {
  return (
    <>
      <CaptionsTool />
      {props.pipPossible && (
        <Tool icon="pip" label={t('control.pip')} keys="i" desktop onClick={props.onPip} />
      )}
      <Tool
        icon={isFullscreen.value ? 'exitFullscreen' : 'fullscreen'}
        label={isFullscreen.value ? t('control.exitFullscreen') : t('control.fullscreen')}
        keys="f"
        onClick={props.onFullscreen}
      />
    </>
  );
}
