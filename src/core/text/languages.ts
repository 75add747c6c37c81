// The languages that the extension speaks, each with the name by which its own speakers look for it. Pure.

export type Language = {
  /** BCP 47, for Intl and for the `lang` attribute of pages. */
  tag: string;
  /** Folder of `_locales`, as both browsers name it. */
  folder: string;
  name: string;
  dir: 'ltr' | 'rtl';
};

export const ENGLISH: Language = { tag: 'en', folder: 'en', name: 'English', dir: 'ltr' };

export const LANGUAGES: readonly Language[] = [
  ENGLISH,
  { tag: 'de', folder: 'de', name: 'Deutsch', dir: 'ltr' },
  { tag: 'es', folder: 'es', name: 'Español', dir: 'ltr' },
  { tag: 'fr', folder: 'fr', name: 'Français', dir: 'ltr' },
  { tag: 'it', folder: 'it', name: 'Italiano', dir: 'ltr' },
  { tag: 'pt-BR', folder: 'pt_BR', name: 'Português (Brasil)', dir: 'ltr' },
  { tag: 'ja', folder: 'ja', name: '日本語', dir: 'ltr' },
  { tag: 'ko', folder: 'ko', name: '한국어', dir: 'ltr' },
  { tag: 'zh-CN', folder: 'zh_CN', name: '简体中文', dir: 'ltr' },
  { tag: 'zh-TW', folder: 'zh_TW', name: '繁體中文', dir: 'ltr' },
  { tag: 'ru', folder: 'ru', name: 'Русский', dir: 'ltr' },
  { tag: 'ar', folder: 'ar', name: 'العربية', dir: 'rtl' },
];

/** What a person chose, or what the browser speaks: English where nobody translated. */
export function languageOf(tag: string): Language {
  return LANGUAGES.find((language) => language.tag === tag) ?? ENGLISH;
}
