'use strict';
/* Draws the cards from the data in the page. Everything from the warehouse is
   inserted as text, never as markup. */
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const company = document.getElementById('filter-company');
  const days = document.getElementById('filter-days');
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const dark = window.matchMedia('(prefers-color-scheme: dark)');
  const figures = new Intl.NumberFormat('en', {maximumFractionDigits: 2});
  // based on Okabe and Ito, distinguishable when color-blind; contrast 3:1
  const light = ['#0072b2', '#d55e00', '#00805e', '#b4508c', '#8a6d00', '#5b4fb3', '#a33b3b', '#5f6670'];
  const bright = ['#56b4e9', '#ff9a4d', '#2fc99b', '#f2a3cf', '#f0e442', '#8ecbff', '#c9a0ff', '#b5bcc4'];

  const spaced = (name) => name.replaceAll('_', ' ');
  const shown = (value) =>
    value === null ? '–' : typeof value === 'number' ? figures.format(value) : String(value);
  // Plotly renders some markup in text, so escape it
  const text = (value) =>
    String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const short = (value, most) =>
    value.length > most ? value.slice(0, most - 1) + '…' : value;
  const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const element = (tag, className, content) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (content !== undefined) made.textContent = content;
    return made;
  };

  /* The rows of a card that pass the filters, as objects. */
  const filtered = (card) => {
    const first = new Date(data.last_day);
    first.setUTCDate(first.getUTCDate() - Number(days.value));
    const since = first.toISOString().slice(0, 10);
    const named = card.columns.indexOf('company_name');
    const dated = 'dates' in card.filters ? card.columns.indexOf('snapshot_date') : -1;
    return card.rows
      .filter((row) => named < 0 || !company.value || row[named] === company.value)
      .filter((row) => dated < 0 || row[dated] > since)
      .map((row) => Object.fromEntries(card.columns.map((name, i) => [name, row[i]])));
  };

  /* Sum the rows that differ only by company. */
  const totalled = (card, rows) => {
    const keys = [card.x, card.series].filter(Boolean);
    const sums = new Map();
    for (const row of rows) {
      const key = JSON.stringify(keys.map((name) => row[name]));
      if (!sums.has(key)) {
        sums.set(key, Object.fromEntries(keys.map((name) => [name, row[name]])));
      }
      for (const name of card.y) {
        sums.get(key)[name] = (sums.get(key)[name] ?? 0) + (row[name] ?? 0);
      }
    }
    return [...sums.values()];
  };

  const answer = (card) => {
    let rows = filtered(card);
    if (card.is_total) rows = totalled(card, rows);
    if (card.chart === 'row') rows.sort((a, b) => b[card.y[0]] - a[card.y[0]]);
    return card.limit ? rows.slice(0, card.limit) : rows;
  };

  /* Keep the largest series; where a sum makes sense, add up the others. */
  const fewer = (card, rows) => {
    const sizes = new Map();
    for (const row of card.series ? rows : []) {
      const size = sizes.get(row[card.series]) ?? 0;
      sizes.set(row[card.series], size + Math.abs(row[card.y[0]] ?? 0));
    }
    if (sizes.size <= light.length) return {rows, note: ''};
    const names = [...sizes.keys()].sort((a, b) => sizes.get(b) - sizes.get(a));
    const isSum = card.chart !== 'line';
    const kept = new Set(names.slice(0, light.length - (isSum ? 1 : 0)));
    const note = `Shows the ${kept.size} largest of ${names.length}${isSum ? '; the others are combined' : ''}.`;
    if (!isSum) return {rows: rows.filter((row) => kept.has(row[card.series])), note};
    const merged = rows.map((row) =>
      kept.has(row[card.series]) ? row : {...row, [card.series]: 'others'});
    return {rows: totalled(card, merged), note};
  };

  const traces = (card, rows) => {
    const colours = dark.matches ? bright : light;
    const groups = new Map();
    for (const row of rows) {
      for (const name of card.y) {
        const group = card.series ? String(row[card.series]) : spaced(name);
        if (!groups.has(group)) groups.set(group, {x: [], y: []});
        groups.get(group).x.push(row[card.x]);
        groups.get(group).y.push(row[name]);
      }
    }
    return [...groups].map(([name, points], i) => {
      const colour = colours[i % colours.length];
      const trace = {name: text(name), x: points.x, y: points.y, marker: {color: colour}};
      if (card.chart === 'row') {
        return {...trace, type: 'bar', orientation: 'h', x: points.y, y: points.x.map(text),
          hovertemplate: '%{y}: %{x:,}<extra></extra>'};
      }
      trace.hovertemplate = '%{x}: %{y:,}<extra>' + text(name) + '</extra>';
      if (card.chart === 'bar') return {...trace, type: 'bar'};
      return {...trace, type: 'scatter', mode: points.x.length > 1 ? 'lines' : 'markers',
        line: {color: colour, width: 2, dash: i < colours.length ? 'solid' : 'dot'},
        ...(card.chart === 'area' ? {stackgroup: 'all'} : {})};
    });
  };

  const layout = (card, rows, many) => {
    const grid = ink('--line');
    const few = window.innerWidth < 900;
    const large = rows.some((row) => card.y.some((name) => Math.abs(row[name]) >= 10000));
    const tickformat = large ? '~s' : '';
    const axis = {gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true, separatethousands: true};
    const titled = (title) => ({text: text(title), font: {size: 12}, standoff: 8});
    const shape = {
      margin: {l: 8, r: 12, t: 6, b: 8}, showlegend: many, barmode: 'relative', bargap: 0.25,
      legend: {orientation: 'h', y: 1.02, yanchor: 'bottom', x: 0, font: {size: 11}},
      paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)', hoverlabel: {align: 'left'},
      font: {family: 'inherit', size: 12, color: ink('--ink')},
    };
    if (card.chart === 'row') {
      const names = rows.map((row) => String(row[card.x]));
      const prefix = company.value + '/';
      const label = (name) =>
        text(short(company.value && name.startsWith(prefix) ? name.slice(prefix.length) : name, 30));
      return {...shape,
        xaxis: {...axis, title: titled(card.y_title), tickformat, nticks: few ? 4 : 6},
        yaxis: {...axis, type: 'category', autorange: 'reversed', tickmode: 'array',
          tickvals: names.map(text), ticktext: names.map(label)}};
    }
    return {...shape,
      xaxis: {...axis, title: titled(card.x_title), nticks: few ? 4 : 7,
        ...(card.x === 'snapshot_date' ? {type: 'date'} : {type: 'category', tickangle: 0, nticks: few ? 2 : 4})},
      yaxis: {...axis, title: titled(card.y_title), tickformat, rangemode: card.chart === 'line' ? 'normal' : 'tozero'}};
  };

  const table = (columns, rows) => {
    const made = element('table');
    const head = made.createTHead().insertRow();
    const isFigure = (name) => rows.some((row) => typeof row[name] === 'number');
    for (const name of columns) {
      const cell = element('th', isFigure(name) ? 'figure' : '', spaced(name));
      cell.scope = 'col';
      head.append(cell);
    }
    const body = made.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      for (const name of columns) {
        const isMoment = /^\d{4}-\d{2}-\d{2}/.test(row[name]);
        const isLong = String(row[name]).length > 30;
        const kind = isFigure(name) ? 'figure' : isMoment ? 'moment' : isLong ? 'long' : '';
        line.append(element('td', kind, shown(row[name])));
      }
    }
    const scroll = element('div', 'scroll');
    scroll.tabIndex = 0;
    scroll.append(made);
    return scroll;
  };

  const behind = (card, rows) => {
    const columns = [card.x, card.series, ...card.y].filter(Boolean);
    const details = element('details');
    details.append(element('summary', '', 'Table'));
    details.addEventListener('toggle', () => {
      if (details.open && details.children.length === 1) details.append(table(columns, rows));
    });
    return details;
  };

  const draw = (article) => {
    const [dashboard, number] = article.dataset.card.split('.');
    const card = data.dashboards[dashboard].cards[number];
    const rows = answer(card);
    const place = article.querySelector('.answer');
    place.replaceChildren();
    article.querySelector('p .note')?.remove();
    if (card.chart === 'number') {
      const sum = rows.reduce((all, row) => all + (row[card.y[0]] ?? 0), 0);
      place.append(element('div', '', shown(sum)));
    } else if (!rows.length) {
      place.append(element('p', 'nothing', 'No data.'));
    } else if (card.chart === 'table') {
      place.append(table(card.columns, rows));
    } else {
      const drawing = element('div', 'drawing');
      drawing.setAttribute('role', 'img');
      drawing.setAttribute('aria-label', `${card.title}. ${card.sentence} ${rows.length} rows, in the table below.`);
      place.append(drawing, behind(card, rows));
      const {rows: few, note} = fewer(card, rows);
      if (note) article.querySelector('p').append(element('span', 'note', ' ' + note));
      const lines = traces(card, few);
      Plotly.newPlot(drawing, lines, layout(card, rows, lines.length > 1), {displayModeBar: false, responsive: true});
    }
  };

  const panel = () => document.querySelector('[role="tabpanel"]:not([hidden])');
  const redraw = () => panel().querySelectorAll('.card').forEach(draw);

  // not an element's ID, or the browser would scroll there
  const hash = (tab) => tab.id.replace('tab-', '#');

  const select = (tab, isByKey) => {
    for (const each of tabs) {
      const chosen = each === tab;
      each.setAttribute('aria-selected', chosen);
      each.tabIndex = chosen ? 0 : -1;
      document.getElementById(each.getAttribute('aria-controls')).hidden = !chosen;
    }
    if (isByKey) tab.focus();
    history.replaceState(null, '', hash(tab));
    const filters = data.dashboards[tabs.indexOf(tab)].filters;
    company.parentElement.hidden = !filters.includes('company');
    days.parentElement.hidden = !filters.includes('dates');
    redraw();
  };

  const names = new Set();
  for (const dashboard of data.dashboards) {
    for (const card of dashboard.cards) {
      const named = card.columns.indexOf('company_name');
      if (named >= 0) card.rows.forEach((row) => names.add(row[named]));
    }
  }
  for (const name of [...names].sort()) company.append(new Option(name, name));

  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => select(tab));
    tab.addEventListener('keydown', (event) => {
      const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (step) select(tabs[(i + step + tabs.length) % tabs.length], true);
    });
  });
  company.addEventListener('change', redraw);
  days.addEventListener('change', redraw);
  dark.addEventListener('change', redraw);
  window.addEventListener('hashchange', () => {
    const tab = tabs.find((each) => hash(each) === location.hash);
    if (tab) select(tab);
  });
  const linked = tabs.find((tab) => hash(tab) === location.hash);
  select(linked ?? tabs[0]);
})();
