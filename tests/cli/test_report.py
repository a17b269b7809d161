"""pto-tune report: the summary, and the page in a headless browser."""

import csv
import io
import json
import os
import random
import re
import unittest

import browser
import support

BROWSER = browser.find()


def make_database(case, name="pto-tune.db"):
    case.run_tool("tune", support.job("small"), "--db", name, "--header", "small.h")


HOSTILE = "</script><script>window.broken = 1</script> & <b>\"quoted\"</b>, one line\nand another"


def make_device(case, name="device.db"):
    """The small job as a noisy device would have recorded it: five samples a point, one failure."""
    make_database(case)
    text = case.run_tool("db", "export", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(text)))
    noise = random.Random(1)
    for row in rows:
        row.update(runner="ascend", soc_hash="0" * 32, runner_version="1", ordinal="")
        if row["status"] == "correct":
            row["seconds"] = " ".join(repr(float(row["seconds"]) * noise.gauss(1, 0.02))
                                      for _ in range(5))
    failed = next(row for row in rows if row["status"] == "correct" and row["SlotNumQK"] == "4")
    failed.update(status="runtime", seconds="", detail=HOSTILE)
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    case.write("device.csv", out.getvalue())
    case.run_tool("db", "import", "device.csv", "--db", name)


class Report(support.Case):
    def test_summary(self):
        make_database(self)
        done = self.run_tool("report", support.job("small"))
        self.assertEqual(done.err, "")
        text = support.without_times(done.out)
        self.assertIn("28 samples, 28 points of equal programs", text.replace("\n", " "))
        # The space is measured whole, so nothing can be faster than the best.
        self.assertEqual(len(re.findall(r"^256 (1536|2048) .* 0\.00 %$",
                                        support.squeezed(done.out), re.M)), 2)
        self.assertIn("share of the variance that a parameter explains alone", text)
        for line in done.out.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_json_agrees_with_best(self):
        make_database(self)
        report = json.loads(self.run_tool("report", support.job("small"), "--format", "json").out)
        best = json.loads(self.run_tool("best", "--format", "json").out)
        shapes = report["targets"][0]["shapes"]
        self.assertEqual([shape["best"]["seconds"] for shape in shapes],
                         [champion["seconds"] for champion in best])
        for shape in shapes:
            self.assertEqual(shape["samples"], 14)
            self.assertEqual(shape["equal_programs"], 14)
            self.assertEqual(shape["by_status"], {"correct": 14})
            self.assertTrue(shape["bound"]["optimal"])
            self.assertEqual(shape["bound"]["gap"], 0)
            self.assertAlmostEqual(shape["speed_up"],
                                   shape["base_seconds"] / shape["best"]["seconds"])
            legality = shape["legality"]
            self.assertEqual(legality["raw"], 32)
            self.assertEqual(legality["legal"] + sum(one["points"] for one in legality["rejected"]),
                             32)
            mains = {main["column"]: main["share"] for main in shape["influence"]["mains"]}
            self.assertEqual(set(mains), {"TILE_S1", "QK_PRELOAD", "SlotNum", "LocalSlotNum",
                                          "EN_UNIT_FLAG"})
            self.assertLess(mains["LocalSlotNum"], 0.01)  # inert in this form; trees see samples

    def test_without_a_job(self):
        make_database(self)
        report = json.loads(self.run_tool("report", "--format", "json").out)
        self.assertEqual(report["job"], "")
        for shape in report["targets"][0]["shapes"]:
            self.assertEqual(shape["bound"]["gap"], 0)  # as tune stored it
            self.assertIn("best", shape)

    def test_measured_times_have_intervals_and_no_bound(self):
        make_device(self)
        report = json.loads(self.run_tool("report", support.job("small"), "--db", "device.db",
                                          "--format", "json").out)
        (target,) = report["targets"]
        self.assertEqual(target["environment"]["runner"], "ascend")
        self.assertEqual([shape["by_status"] for shape in target["shapes"]],
                         [{"correct": 13, "runtime": 1}, {"correct": 14}])
        for shape in target["shapes"]:
            best = shape["best"]
            self.assertFalse(best["exact"])
            self.assertEqual(best["samples"], 5)
            self.assertLess(best["interval"]["low"], best["interval"]["high"])
            self.assertLessEqual(best["interval"]["low"], best["seconds"])
            self.assertLessEqual(best["seconds"], best["interval"]["high"])
            self.assertNotIn("bound", shape)

    def test_missing_database(self):
        self.assertIn("none.db", self.run_tool("report", "--db", "none.db", code=2).err)

    def test_page_is_the_same_for_equal_content(self):
        make_database(self)
        for name in ["1.html", "2.html"]:
            self.run_tool("report", support.job("small"), "--html", name)
        with open(self.path("1.html"), "rb") as one, open(self.path("2.html"), "rb") as other:
            self.assertEqual(one.read(), other.read())

    def test_page_is_not_written_where_it_cannot_be(self):
        make_database(self)
        done = self.run_tool("report", "--html", "nowhere/x.html", code=2)
        self.assertIn("nowhere/x.html", done.err)

    def test_hostile_text_stays_data(self):
        make_database(self)
        os.rename(self.path("pto-tune.db"), self.path("<script>x.db"))
        self.run_tool("report", "--db", "<script>x.db", "--html", "x.html")
        with open(self.path("x.html"), encoding="utf-8") as file:
            page = file.read()
        self.assertNotIn("<script>x", page)
        self.assertIn("&lt;script&gt;x.db", page)
        self.assertIn("\\u003cscript>x.db", page)


@unittest.skipUnless(BROWSER, "no Chromium")
class Page(support.Case):
    def setUp(self):
        super().setUp()
        make_database(self)
        self.run_tool("report", support.job("small"), "--html", "report.html")
        self.url = "file://" + self.path("report.html")

    def page(self, width=1280, height=900):
        opened = browser.Browser(BROWSER, self.path("profile"), width, height)
        self.addCleanup(opened.close)
        opened.resize(width, height)
        return opened

    def assert_sound(self, page):
        self.assertEqual(page.errors, [])
        self.assertLessEqual({url.split(":")[0] for url in page.requests}, {"file", "data", "about"})
        self.assertEqual(page.value("document.documentElement.dataset.ready"), "1")

    def test_loads_and_shows_everything(self):
        page = self.page()
        page.open(self.url)
        self.assert_sound(page)
        self.assertIn("small on Ascend910B2", page.value("document.querySelector('h1').textContent"))
        self.assertEqual(page.value("document.querySelectorAll('#best-table tbody tr').length"), 2)
        self.assertEqual(page.value("document.querySelectorAll('#samples tbody tr').length"), 14)
        self.assertEqual(page.value("document.documentElement.dataset.rows"), "14")
        for part in ["#throughput svg", "#convergence svg", "#rules tr", "#mains tr", "#pairs svg",
                     "#levels svg", "#parallel canvas", "#timeline img"]:
            self.assertGreater(page.value(f"document.querySelectorAll('{part}').length"), 0, part)
        self.assertTrue(page.value("document.querySelector('#timeline img').decode().then(() => true)"))

    def test_a_brush_filters_the_table(self):
        page = self.page()
        page.open(self.url)
        # Down the whole of the first axis but for its upper half: TILE_S1=256 alone.
        box = page.value("(() => { const b = document.querySelector('#parallel .brush .overlay');"
                         " b.scrollIntoView({block: 'center'}); const r = b.getBoundingClientRect();"
                         " return [r.x, r.y, r.width, r.height]; })()")
        x = box[0] + box[2] / 2
        page.drag((x, box[1] + 0.6 * box[3]), (x, box[1] + box[3] - 2))
        rows = page.value("[...document.querySelectorAll('#samples tbody tr')].map(row =>"
                          " row.cells[1].textContent)")
        self.assertEqual(page.value("document.querySelector('#samples thead').rows[0].cells[1]"
                                    ".textContent"), "TILE_S1")
        self.assertTrue(0 < len(rows) < 14, rows)
        self.assertEqual(set(rows), {"256"})
        self.assertIn("selected", page.value("document.getElementById('selected').textContent"))
        self.assertEqual(page.value("document.documentElement.dataset.rows"), str(len(rows)))
        self.assertIn("TILE_S1=256", page.value("location.hash"))
        # A click right behind a drag is the drag's own.
        page.value("new Promise(done => setTimeout(done, 50))")
        page.value("document.getElementById('clear').click()")
        self.assertEqual(page.value("document.documentElement.dataset.rows"), "14")
        self.assert_sound(page)

    def test_raw_samples_and_failures(self):
        make_device(self)
        self.run_tool("report", support.job("small"), "--db", "device.db", "--html", "device.html")
        page = self.page()
        page.open("file://" + self.path("device.html"))
        self.assert_sound(page)
        self.assertIsNone(page.value("window.broken"))
        heads = page.value("[...document.querySelectorAll('#samples th')].map(e => e.textContent)")
        self.assertIn("raw µs", heads)
        raw = page.value("[...document.querySelectorAll('#samples tbody tr')].map(row =>"
                         " row.cells[row.cells.length - 1].textContent)")
        self.assertEqual(sorted(len(cell.split(", ")) if cell else 0 for cell in raw),
                         [0] + [5] * 13)
        self.assertEqual(raw[-1], "", "a sample without a time comes last")
        self.assertIn(HOSTILE, page.value("document.querySelector('#samples details').textContent"))
        self.assertIn("–", page.value("document.querySelector('#best-table tbody td:nth-child(5)')"
                                      ".textContent"))
        self.assertTrue(page.value("document.getElementById('timeline-section').hidden"))
        page.value("window.dispatchEvent(new Event('beforeprint'))")
        self.assertEqual(page.value("[...document.querySelectorAll('#printed details')].map(e => e.open)"),
                         [True], "paper cannot be unfolded")

    def test_address_buttons_and_sorting(self):
        page = self.page()
        page.open(self.url + "#shape=1&SlotNum=8&theme=dark")
        self.assert_sound(page)
        chosen = page.value("document.documentElement.dataset.rows")
        self.assertTrue(0 < int(chosen) < 14, chosen)
        self.assertEqual(page.value("document.documentElement.dataset.theme"), "dark")
        self.assertEqual(page.value("document.querySelectorAll('#filter [aria-pressed=true]').length"), 1)
        times = ("[...document.querySelectorAll('#samples tbody tr')].map(row =>"
                 " Number(row.cells[row.cells.length - 3].textContent.replace(',', '')))")
        ascending = page.value(times)
        self.assertEqual(ascending, sorted(ascending))
        page.value("document.querySelector('#samples th[aria-sort] button').click()")
        self.assertEqual(page.value(times), sorted(ascending, reverse=True))
        self.assertEqual(page.value("document.querySelector('#samples th[aria-sort]')"
                                    ".getAttribute('aria-sort')"), "descending")

    def test_keyboard_reaches_the_filter(self):
        page = self.page()
        page.open(self.url)
        page.value("document.querySelector('#filter button').focus()")
        page.key("Enter", "\r")
        self.assertTrue(int(page.value("document.documentElement.dataset.rows")) < 14)
        self.assertEqual(page.value("document.activeElement.getAttribute('aria-pressed')"), "true")
        page.key("Enter", "\r")
        self.assertEqual(page.value("document.documentElement.dataset.rows"), "14")
        unnamed = page.value("[...document.querySelectorAll('button, input, select, [role=img]')]"
                             ".filter(e => !(e.textContent || e.getAttribute('aria-label') || e.title"
                             " || (e.labels && e.labels.length))).length")
        self.assertEqual(unnamed, 0)

    def test_light_dark_narrow_and_print(self):
        page = self.page()
        pictures = {}
        for scheme in ["light", "dark"]:
            page.prefer(scheme)
            page.open(self.url)
            pictures[scheme] = page.screenshot(self.path(scheme + ".png"), whole=True)
            self.assertTrue(pictures[scheme].startswith(b"\x89PNG"))
            ground = page.value("getComputedStyle(document.body).backgroundColor")
            bright = sum(map(int, re.findall(r"\d+", ground)[:3]))
            self.assertEqual(bright > 384, scheme == "light", ground)
        self.assertNotEqual(pictures["light"], pictures["dark"])
        for width in [420, 390]:
            page.resize(width, 800)
            page.open(self.url + "#")
            self.assertLessEqual(page.value("document.documentElement.scrollWidth"), width)
        self.assertTrue(page.pdf(self.path("report.pdf")).startswith(b"%PDF"))
        self.assert_sound(page)

    def test_paper_holds_every_shape_and_says_where_the_rest_is(self):
        page = self.page()
        page.prefer("dark")
        page.open(self.url + "#shape=1&TILE_S1=512")
        shown = ("e => getComputedStyle(e).display !== 'none' && e.getBoundingClientRect().height > 0")
        page.value("window.dispatchEvent(new Event('beforeprint'))")
        shapes = page.value("[...document.querySelectorAll('#printed section')].slice(1).map(s =>"
                            " [s.querySelector('h2').textContent, s.querySelectorAll('img').length,"
                            "  s.querySelectorAll('tbody tr').length, s.querySelector('p').textContent])")
        self.assertEqual([shape[:2] for shape in shapes],
                         [["s0 256, s1 1536", 1], ["s0 256, s1 2048", 1]])
        for _, _, rows, note in shapes:
            self.assertEqual(note, f"The {rows} fastest of {rows} that were selected on the page, out of "
                                   "14 samples (14 correct).")
            self.assertTrue(0 < rows < 14, rows)
        lead = page.value("document.querySelector('#printed section').textContent")
        self.assertIn("pto-tune db export --db pto-tune.db --format csv", lead)
        self.assertIn("s0 256, s1 2048", page.value("document.getElementById('printed-shape').textContent"))
        for part, seen in [("#printed", True), ("#printed-shape", True), ("#samples-section", False),
                           ("#shapes", False), ("#theme", False), ("#filter", False), ("#parallel", True)]:
            self.assertEqual(page.value(f"({shown})(document.querySelector('{part}'))"), seen, part)
        ground = page.value("getComputedStyle(document.body).backgroundColor")
        self.assertGreater(sum(map(int, re.findall(r"\d+", ground)[:3])), 384, "paper is light")
        page.value("window.dispatchEvent(new Event('afterprint'))")
        self.assertEqual(page.value("document.querySelectorAll('#printed *').length"), 0)
        self.assertTrue(page.value(f"({shown})(document.querySelector('#samples-section'))"))
        self.assert_sound(page)
