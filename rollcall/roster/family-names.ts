/** Family names that nine of ten class lists begin with, simplified and traditional; Japanese lists have headings. */
const FAMILY_NAMES = new Set(
  '王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文' +
    '張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧許呂蘇盧蔣賈葉閻鍾範譚鄒陸龍萬錢湯喬賀賴龔顏簡游詹歐莊溫',
);

/** Whether a text begins as nine of ten Chinese names do. */
export function beginsWithFamilyName(text: string): boolean {
  return FAMILY_NAMES.has(text[0] ?? '');
}
