import type { Translated } from '../i18n/translated';
import type en from './texts.en';

const texts: Translated<typeof en> = {
  title: 'Jetzt',
};

export default texts;
