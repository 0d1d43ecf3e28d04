/** Expressions that are evaluated in a page and answer what is wrong with it: empty lists when all is well. */

/** Elements that reach beyond the viewport at the right, but for what is inside something that scrolls. */
export const overflowing = `[...document.body.querySelectorAll('*')]
  .filter((one) => !one.closest('.scroll > *, pre') && one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 0.5)
  .map((one) => one.outerHTML.slice(0, 120))
  .concat(document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways'] : [])`

/** Texts of which the contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3). */
export const faint = `(() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number)
  const luminance = (color) => numbers(color).slice(0, 3)
    .map((one) => one / 255)
    .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0)
  const behind = (element) => {
    const box = element.closest('.node')?.querySelector('.box')
    if (box) return getComputedStyle(box).fill
    for (let one = element; one; one = one.parentElement) {
      const color = getComputedStyle(one).backgroundColor
      if (numbers(color)[3] !== 0) return color
    }
    return 'rgb(255, 255, 255)'
  }
  const seen = (element) => element.checkVisibility() && getComputedStyle(element).clipPath === 'none'
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const found = []
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement
    if (texts.currentNode.data.trim() === '' || element.closest('title, style') || !seen(element)) continue
    const style = getComputedStyle(element)
    const pair = [luminance(element.closest('svg') ? style.fill : style.color), luminance(behind(element))]
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05)
    if (contrast < 4.5) found.push(contrast.toFixed(2) + ' ' + element.className + ' ' + texts.currentNode.data.trim())
  }
  return found
})()`

/** Headings that are more than one level below the one before them. */
export const skippedHeadings = `[...document.querySelectorAll('h1, h2, h3, h4')]
  .map((one) => [Number(one.tagName[1]), one.textContent])
  .filter(([level], index, all) => level > (all[index - 1]?.[0] ?? 0) + 1)
  .map(([, text]) => text)`

/** Bars that cannot be seen. */
export const invisibleBars = `[...document.querySelectorAll('.bar')]
  .filter((one) => one.getBoundingClientRect().width < 2 || one.getBoundingClientRect().height < 2)
  .map((one) => one.parentElement.parentElement.textContent.trim())`
