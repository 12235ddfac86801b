//! What is wrong with how a page is laid out: what overlaps, is cut off, or is too small to be hit.

use crate::browser::Browser;

/// Looks at everything that is seen of the page (in the topmost dialog, where one is open), and gives a line for each
/// fault:
///
/// | fault | when |
/// | --- | --- |
/// | wide | the page scrolls sideways |
/// | overlap | two parts of a bar (header, toolbar, row of buttons) lie on one another |
/// | cut | text does not fit its box, and neither an ellipsis nor a title says so; in a row of boxes an ellipsis says nothing |
/// | outside | something to press lies outside of the page, and nothing scrolls to it |
/// | small | something to press is less than 24 px wide or high (WCAG 2.5.8), and is no link in a text or in a card |
pub async fn faults(browser: &Browser) -> Vec<String> {
    serde_json::from_value(browser.eval(FAULTS).await).expect("lines")
}

const FAULTS: &str = r"
    const faults = [];
    const page = document.documentElement;
    if (page.scrollWidth > innerWidth) faults.push(`wide: by ${page.scrollWidth - innerWidth} px`);
    const scope = document.querySelector('dialog[open]') ?? document.body;
    const seen = e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const box = e => e.getBoundingClientRect();
    const said = e => {
        const text = (e.getAttribute('aria-label') || e.textContent || e.id).trim().replace(/\s+/g, ' ').slice(0, 60);
        return `<${e.localName} class=${JSON.stringify(e.className)}> ${text}`;
    };
    const ownText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    // What lies outside of what scrolls or clips around it is not seen.
    const sight = e => {
        let b = box(e);
        let [left, top, right, bottom] = [b.left, b.top, b.right, b.bottom];
        for (let p = e.parentElement; p; p = p.parentElement) {
            if (getComputedStyle(p).overflow === 'visible') continue;
            const c = box(p);
            left = Math.max(left, c.left); top = Math.max(top, c.top);
            right = Math.min(right, c.right); bottom = Math.min(bottom, c.bottom);
        }
        return { left, top, right, bottom, width: right - left, height: bottom - top };
    };
    const hidden = e => { const s = sight(e); return s.width <= 1 || s.height <= 1; };
    const all = [...scope.querySelectorAll('*')].filter(e => e.closest('svg') === null || e.localName === 'svg').filter(seen);

    // Overlaps, of leaves within one bar.
    for (const bar of scope.querySelectorAll('header, nav, [role=toolbar], .tools, .buttons, .summary, .page-head')) {
        const leaves = all.filter(e => bar.contains(e) && e !== bar && !hidden(e)
            && (e.matches('button, input, select, textarea, a, svg') || (ownText(e) && !e.closest('button, a'))));
        leaves.forEach((a, place) => leaves.slice(place + 1).forEach(b => {
            if (a.contains(b) || b.contains(a)) return;
            const [x, y] = [sight(a), sight(b)];
            const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
            const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
            if (wide > 1 && high > 1) faults.push(`overlap: ${said(a)} and ${said(b)}`);
        }));
    }

    // Text that is cut off. What lays out boxes draws no ellipsis for them.
    const dots = style => style.textOverflow === 'ellipsis' && !/flex|grid/.test(style.display);
    for (const e of all) {
        if (!ownText(e) || hidden(e) || e.matches('textarea, option, select')) continue;
        const style = getComputedStyle(e);
        if (e.closest('.visually-hidden, .sr-only')) continue;
        const clips = style.overflowX === 'hidden' || style.overflowX === 'clip';
        const cutWide = clips && e.scrollWidth > e.clientWidth + 1;
        const cutHigh = (style.overflowY === 'hidden' || style.overflowY === 'clip') && e.scrollHeight > e.clientHeight + 2
            && style.display !== 'inline';
        const told = dots(style) || style.webkitLineClamp !== 'none' || e.closest('[title]');
        if ((cutWide || cutHigh) && !told) faults.push(`cut: ${said(e)}`);
        // Cut by something around it that does not scroll.
        const own = box(e), left = sight(e);
        if (style.display === 'inline' || clips || e.closest('[title]')) continue;
        let scrolls = false;
        for (let p = e.parentElement; p && !scrolls; p = p.parentElement) {
            const around = getComputedStyle(p);
            scrolls = /auto|scroll/.test(around.overflowX + around.overflowY) || dots(around) || p.hasAttribute('title');
        }
        if (!scrolls && own.width - left.width > 2) faults.push(`cut: ${said(e)} by ${Math.round(own.width - left.width)} px`);
    }

    // What is to be pressed.
    for (const e of all.filter(e => e.matches('a[href], button, input, select, textarea, summary, [role=button]'))) {
        const b = box(e);
        const scrolls = (() => {
            for (let p = e.parentElement; p; p = p.parentElement) {
                if (/auto|scroll/.test(getComputedStyle(p).overflow) && (p.scrollWidth > p.clientWidth || p.scrollHeight > p.clientHeight)) return true;
            }
            return false;
        })();
        if (!scrolls && b.width > 0 && (b.left < -1 || b.right > innerWidth + 1 || b.top < -1 || b.bottom > innerHeight + 1)) {
            faults.push(`outside: ${said(e)} at ${Math.round(b.left)},${Math.round(b.top)}`);
        }
        const inText = e.localName === 'a' && getComputedStyle(e).display === 'inline';
        const target = e.matches('[type=checkbox], [type=radio]') ? e.closest('label') ?? e : e;
        const t = box(target);
        if (!inText && !e.closest('article, [role=listitem], [role=row]') && !hidden(e) && (t.width < 23.5 || t.height < 23.5)) {
            faults.push(`small: ${said(e)}, ${Math.round(t.width)} × ${Math.round(t.height)} px`);
        }
    }
    return [...new Set(faults)];
";
