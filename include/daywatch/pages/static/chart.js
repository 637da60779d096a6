// Plots the tables of a page: each figure with data-chart has a table of a horizontal axis and lines.
(function () {
  "use strict";
  var COLOURS = ["--now", "--line-2", "--line-3", "--line-4", "--line-5", "--line-6", "--line-7"];
  var MARKS = { retraining: "R", version: "V", baseline: "B", deployment: "D" };
  var DAY = 86400;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // Light-dark() colours have to be resolved: a canvas does not know them.
  var probe = document.createElement("span");
  probe.hidden = true;
  document.body.appendChild(probe);
  function paint(name) {
    probe.style.color = colour(name);
    return getComputedStyle(probe).color;
  }

  function number(text) {
    var value = parseFloat(text.replace(/,/g, ""));
    return isNaN(value) ? null : value;
  }

  // The start of a window, of several days that of the last one, by its key: an hour, a day, a week, a month.
  function seconds(key) {
    var week = /^(\d{4})-W(\d\d)$/.exec(key);
    if (week) {
      var fourth = new Date(Date.UTC(week[1], 0, 4)); // is in the first week of its year
      return fourth / 1000 + (7 * (week[2] - 1) - ((fourth.getUTCDay() + 6) % 7)) * DAY;
    }
    if (/T\d\d$/.test(key)) return Date.parse(key + ":00:00Z") / 1000;
    if (/^\d{4}-\d\d$/.test(key)) return Date.parse(key + "-01T00:00:00Z") / 1000;
    return Date.parse(key.slice(-10) + "T00:00:00Z") / 1000;
  }

  var markers = Array.prototype.map.call(document.querySelectorAll("#markers li"), function (item) {
    return {
      from: seconds(item.dataset.day),
      to: item.dataset.end ? seconds(item.dataset.end) + DAY : null,
      mark: MARKS[item.dataset.kind],
    };
  });

  function read(figure) {
    var table = figure.querySelector("table");
    var names = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) {
      return cell.textContent;
    });
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var isTime = names[0] === "Window";
    var verdict = names.indexOf("Verdict");
    var texts = names.map(function (_, place) {
      return rows.map(function (row) {
        return row.cells[place].textContent.trim(); // without its closing tag, a last cell ends with a line
      });
    });
    var lines = [];
    names.forEach(function (_, place) {
      var filled = texts[place].some(function (text) {
        return number(text) !== null;
      });
      if (place > 0 && place !== verdict && filled) {
        lines.push(place);
      }
    });
    return {
      names: names,
      texts: texts,
      isTime: isTime,
      lines: lines,
      states: verdict > 0 ? texts[verdict] : [],
      x: texts[0].map(isTime ? seconds : number),
    };
  }

  function series(table, place, order, hasBand) {
    var name = table.names[place];
    var isBaseline = name === "Baseline" || name === "Threshold";
    var isEnd = hasBand && (name === "Low" || name === "High");
    return {
      label: name,
      scale: "y",
      width: isEnd ? 0 : isBaseline ? 1 : 2,
      dash: name === "Threshold" ? [4, 4] : undefined,
      stroke: function () {
        return paint(isEnd ? "--now" : isBaseline ? "--faint" : COLOURS[order % COLOURS.length]);
      },
      points: { show: table.x.length < 40 && !isEnd && !isBaseline },
      value: function (_, __, ___, index) {
        return index === null ? "" : table.texts[place][index] || "none";
      },
    };
  }

  // What lasts is behind the lines.
  function shade(plot, table) {
    var context = plot.ctx;
    if (!table.isTime) {
      return;
    }
    context.save();
    context.beginPath();
    context.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
    context.clip();
    context.fillStyle = paint("--span");
    markers.forEach(function (one) {
      if (one.to) {
        var x = plot.valToPos(one.from - DAY / 2, "x", true);
        context.fillRect(x, plot.bbox.top, plot.valToPos(one.to - DAY / 2, "x", true) - x, plot.bbox.height);
      }
    });
    context.restore();
  }

  function draw(plot, table, thresholds) {
    var context = plot.ctx;
    context.save();
    context.beginPath();
    context.rect(plot.bbox.left, plot.bbox.top, plot.bbox.width, plot.bbox.height);
    context.clip();
    context.font = 11 * devicePixelRatio + "px sans-serif";
    thresholds.forEach(function (line) {
      var y = plot.valToPos(line.value, "y", true);
      context.strokeStyle = paint("--state-" + line.state);
      context.setLineDash([6, 4]);
      context.beginPath();
      context.moveTo(plot.bbox.left, y);
      context.lineTo(plot.bbox.left + plot.bbox.width, y);
      context.stroke();
    });
    if (table.isTime) {
      markers.forEach(function (one) {
        if (one.to) {
          return;
        }
        var x = plot.valToPos(one.from, "x", true);
        context.strokeStyle = context.fillStyle = paint("--faint");
        context.setLineDash([2, 3]);
        context.beginPath();
        context.moveTo(x, plot.bbox.top);
        context.lineTo(x, plot.bbox.top + plot.bbox.height);
        context.stroke();
        context.fillText(one.mark, x + 3, plot.bbox.top + 12 * devicePixelRatio);
      });
    }
    context.setLineDash([]);
    table.states.forEach(function (state, index) {
      var value = plot.data[1] && plot.data[1][index];
      if (state === "GREEN" || value === null || value === undefined) {
        return;
      }
      context.fillStyle = paint("--state-" + state);
      context.beginPath();
      context.arc(
        plot.valToPos(table.x[index], "x", true),
        plot.valToPos(value, "y", true),
        4 * devicePixelRatio,
        0,
        2 * Math.PI
      );
      context.fill();
    });
    context.restore();
  }

  // The value of a day is in its middle, so that the first and the last one have room.
  function wholeDays(_, low, high) {
    return [low - DAY / 2, high + DAY / 2];
  }

  function days(count) {
    return count * DAY;
  }

  function dates(_, stamps) {
    return stamps.map(function (stamp) {
      return new Date(stamp * 1000).toISOString().slice(0, 10);
    });
  }

  function percents(_, values) {
    return values.map(function (value) {
      return value + " %";
    });
  }

  function plot(figure) {
    var table = read(figure);
    var target = figure.querySelector(".plot");
    if (!table.lines.length) {
      target.textContent = "No window of these days has a value.";
      return null;
    }
    var low = table.lines.indexOf(table.names.indexOf("Low"));
    var high = table.lines.indexOf(table.names.indexOf("High"));
    var hasBand = low >= 0 && high >= 0;
    var thresholds = (figure.dataset.lines || "")
      .split(";")
      .filter(Boolean)
      .map(function (line) {
        var space = line.indexOf(" ");
        return { state: line.slice(0, space), value: number(line.slice(space)) };
      });
    var isShare = table.lines.some(function (place) {
      return table.texts[place].some(function (text) {
        return text.slice(-1) === "%";
      });
    });
    var order = -1;
    var shown = table.lines.map(function (place) {
      var name = table.names[place];
      order += name === "Low" || name === "High" || name === "Baseline" || name === "Threshold" ? 0 : 1;
      return series(table, place, order, hasBand);
    });
    var axis = {
      stroke: function () {
        return paint("--faint");
      },
      grid: {
        stroke: function () {
          return paint("--line");
        },
        width: 1,
      },
    };
    var options = {
      width: target.clientWidth,
      height: 200,
      padding: [null, table.isTime ? 36 : null, null, null], // half of the last day's label
      tzDate: function (stamp) {
        return uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC");
      },
      cursor: { sync: { key: table.isTime ? "days" : figure.dataset.chart } },
      scales: {
        x: table.isTime ? { time: true, range: wholeDays } : { time: false },
        y: {
          range: function (_, low, high) {
            thresholds.forEach(function (line) {
              low = Math.min(low, line.value);
              high = Math.max(high, line.value);
            });
            var room = (high - low || Math.abs(high) || 1) * 0.08;
            return [low - room, high + room];
          },
        },
      },
      series: [
        {
          label: table.names[0],
          value: function (_, __, ___, index) {
            return index === null ? "" : table.texts[0][index];
          },
        },
      ].concat(shown),
      axes: [
        Object.assign(table.isTime ? { incrs: [1, 2, 3, 4, 7, 14, 28, 91].map(days), space: 90, values: dates } : {}, axis),
        Object.assign({ size: 60, values: isShare ? percents : undefined }, axis),
      ],
      bands: hasBand
        ? [
            {
              series: [high + 1, low + 1],
              fill: function () {
                return paint("--band");
              },
            },
          ]
        : [],
      hooks: {
        drawClear: [
          function (self) {
            shade(self, table);
          },
        ],
        draw: [
          function (self) {
            draw(self, table, thresholds);
          },
        ],
      },
    };
    var data = [table.x].concat(
      table.lines.map(function (place) {
        return table.texts[place].map(number);
      })
    );
    figure.querySelector("details").open = false;
    target.setAttribute("role", "group");
    target.setAttribute("aria-label", figure.querySelector("figcaption").firstChild.textContent.trim() + ", plotted");
    return new uPlot(options, data, target);
  }

  var plots = Array.prototype.map.call(document.querySelectorAll("figure[data-chart]"), plot).filter(Boolean);

  window.addEventListener("daywatch:theme", function () {
    plots.forEach(function (one) {
      one.redraw(false);
    });
  });
  new ResizeObserver(function () {
    plots.forEach(function (one) {
      one.setSize({ width: one.root.parentNode.clientWidth, height: 200 });
    });
  }).observe(document.getElementById("main"));
})();
