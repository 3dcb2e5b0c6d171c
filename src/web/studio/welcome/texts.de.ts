import type { Translated } from '../i18n/translated';
import type en from './texts.en';

const texts: Translated<typeof en> = {
  title: 'Bilder aus deinem ComfyUI, live und gemeinsam',
  lead: 'Beschreibe ein Bild, sieh zu, wie es entsteht, und behalte es. Die Warteschlange übersteht Neustarts, und mehrere Menschen teilen sich ein ComfyUI.',
  points: {
    create:
      'Schreib einen Prompt, oder zieh einen ComfyUI-Workflow oder ein Bild hierher, um seine Einstellungen zu verwenden.',
    live: 'Sieh deinen Platz in der Warteschlange, dann jeden Schritt und jede Vorschau.',
    keep: 'Finde, vergleiche, lade und teile alles, was du gemacht hast.',
  },
  signIn: 'Anmelden',
  signUp: 'Konto anlegen',
  email: 'E-Mail',
  password: 'Passwort',
  passwordHint: 'Mindestens 8 Zeichen.',
  name: 'Name (freiwillig)',
  stay: 'Auf diesem Gerät angemeldet bleiben',
  toSignUp: 'Neu hier? Konto anlegen',
  toSignIn: 'Schon ein Konto? Anmelden',
  first: 'Das erste Konto eines Servers verwaltet ihn.',
  wrong: 'E-Mail oder Passwort ist falsch.',
  taken: 'Zu dieser E-Mail gibt es schon ein Konto. Melde dich damit an.',
  developers: 'Für Entwickler: die API in GraphiQL',
};

export default texts;
