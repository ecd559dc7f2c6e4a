import { Content } from 'vitepress';
import DefaultTheme, { VPHomeHero } from 'vitepress/theme-without-fonts';
import { h } from 'vue';
import './style.css';

/** The layout of the home page: VitePress's own has no `main`, which screen readers jump to. */
const start = () => h('main', { class: 'start' }, [h(VPHomeHero), h(Content, { class: 'vp-doc' })]);

export default {
  extends: DefaultTheme,
  enhanceApp: ({ app }) => app.component('start', start),
};
