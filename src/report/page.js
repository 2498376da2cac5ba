"use strict";
/* Sorting, filtering and CSV of the tables. Without it the page can be read as it is. */
document.documentElement.classList.add("js");

function value(cell) {
  return cell.hasAttribute("data-v") ? Number(cell.getAttribute("data-v")) : cell.textContent.toLowerCase();
}

function compare(a, b) {
  if (typeof a === "number" && typeof b === "number") {
    return a - b;
  }
  return String(a).localeCompare(String(b), "en", {numeric: true});
}

function sort(table, index) {
  const head = table.tHead.rows[0].cells[index];
  const down = head.getAttribute("aria-sort") === "ascending" ||
    (head.getAttribute("aria-sort") === "none" && head.classList.contains("n"));
  for (const cell of table.tHead.rows[0].cells) {
    if (cell.hasAttribute("aria-sort")) {
      cell.setAttribute("aria-sort", "none");
    }
  }
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = Array.from(table.tBodies[0].rows);
  rows.sort((a, b) => (down ? -1 : 1) * compare(value(a.cells[index]), value(b.cells[index])));
  table.tBodies[0].append(...rows);
}

function filter(table, text, status) {
  const wanted = text.toLowerCase();
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    row.hidden = !row.textContent.toLowerCase().includes(wanted);
    shown += row.hidden ? 0 : 1;
  }
  status.textContent = wanted === "" ? "" : shown + " of " + table.tBodies[0].rows.length + " rows";
}

function cell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?[0-9.]+$/.test(text) ? "'" + text : text;
  return /[",\n\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
}

function csv(table) {
  const lines = [];
  for (const row of table.rows) {
    if (!row.hidden) {
      const cells = Array.from(row.cells).filter((one) => !one.classList.contains("share"));
      lines.push(cells.map((one) => cell(one.getAttribute("data-v") ??
        (one.querySelector("code") ?? one).textContent)).join(","));
    }
  }
  return lines.join("\n") + "\n";
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], {type: "text/csv"}));
  link.download = name + ".csv";
  link.click();
  URL.revokeObjectURL(link.href);
}

for (const tools of document.querySelectorAll(".tools")) {
  const table = document.getElementById(tools.dataset.table);
  const status = tools.querySelector("[role=status]");
  tools.querySelector("input").addEventListener("input", (event) => filter(table, event.target.value, status));
  tools.querySelector("button").addEventListener("click", () => save(table.id, csv(table)));
  Array.from(table.tHead.rows[0].cells).forEach((head, index) => {
    const button = head.querySelector("button");
    if (button !== null) {
      button.addEventListener("click", () => sort(table, index));
    }
  });
}
