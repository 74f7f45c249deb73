/**
 * The oldest browsers that the pages work in: style sheets are lowered to them. Chrome 109 is the last
 * one of Windows 7 and the base of many browsers in China, Firefox 115 the last one of Windows 7 and of old macOS.
 */
export const OLDEST_BROWSERS = ['chrome109', 'edge109', 'firefox115', 'safari15.4', 'ios15.4'];
