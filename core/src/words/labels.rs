//! The short words of the report, in both languages, side by side so that neither is forgotten.

use serde::Serialize;

use super::Lang;

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $zh:literal;)*) => {
        /// Headings, column names and notes; `{}` stands for what [`fill`] puts in.
        #[derive(Debug, Serialize)]
        pub(crate) struct Labels { $($(#[$doc])* pub(crate) $name: &'static str,)* }
        static EN: Labels = Labels { $($name: $en,)* };
        static ZH: Labels = Labels { $($name: $zh,)* };
    };
}

labels! {
    report: "SOP review", "SOP 执行复盘";
    version: "version {}", "第 {} 版";
    conversations: "{} conversations", "{} 通会话";
    period: "{} to {}", "{} 至 {}";
    no_dates: "undated", "无日期";
    skip_to: "Skip to the answers", "直接看结论";
    contents: "In five sentences", "五句话说清";
    q1: "Execution", "执行情况";
    q2: "What hurts", "什么在拖累结果";
    q3: "What works", "什么做法有效";
    q4: "Who needs help", "谁需要帮助";
    q5: "What to change", "该改什么";
    filter: "Filter and search", "筛选与搜索";
    search: "Search", "搜索";
    team: "Team", "团队";
    all: "all", "全部";
    from: "From", "从";
    to: "to", "到";
    reset: "Clear", "清除";
    filter_note: "The figures here, the deviations, the plain table of reps and the cases follow the choice; comparisons and pictures are of all conversations.",
        "此处的数字、偏差排行、销售的原始数字和会话随筛选变化；对比与图仍为全部会话。";
    filter_rule: "Counted in {} of {} conversations, those with the smallest hash of their id.", "在 {} 通会话中计数（共 {} 通，取编号哈希值最小者）。";
    filter_nothing: "No conversation is left; choose less.", "没有符合的会话，请放宽条件。";
    fully: "Fully / complete", "全程符合 / 走完";
    time: "Over time", "随时间的变化";
    reps_plain: "Plain figures", "原始数字";
    map: "The SOP and how it was walked", "SOP 与实际走法";
    map_note: "Left to right. The wider a line, the more cases took it. A dashed line over a step: cases that left it out and went on, accepted or not. A line that drops off before a step: cases that stopped there. Shares are of the cases that reached the step; shares under 1 % are only in the table. Rounded, with a broken outline: what the customer does.",
        "从左到右。线越粗，走的会话越多。步骤上方的虚线：跳过这一步、继续往下走的会话（含已获认可的）；步骤前向下的短线：停在这一步之前的会话。占比以走到这一步的会话为分母；不足 1% 的只在表中列出。虚线圆框：客户的行为。";
    map_note_narrow: "From top to bottom; a dashed box is a block of the SOP. n: cases that did the step. Coloured: cases that left it out and went on, and cases that stopped before it, as shares of those that reached it.",
        "从上到下；虚线框为 SOP 的一个环节。“通”为做了这一步的会话；彩色为跳过后继续的、以及停在此前的会话，占比以走到这一步的会话为分母。";
    map_title: "Map of the SOP “{}”; the list beside it says the same in words", "SOP“{}”的流程图；旁边的列表以文字给出同样内容";
    anytime: "Allowed at any time: {}.", "随时可做：{}。";
    added: "new", "新增";
    dropped: "taken out", "去掉";
    moved: "moved", "换位置";
    changed: "changed", "有改动";
    diff_before: "Before: {}", "原版：{}";
    diff_after: "After: {}", "新版：{}";
    any_order: "in any order", "顺序不限";
    one_of: "one of these", "择一";
    optional: "optional", "可选";
    only_when: "only if {}", "仅当 {}";
    repeat_any: "as often as needed", "可重复";
    repeat_least: "at least {} times", "至少 {} 次";
    repeat_most: "up to {} times", "最多 {} 次";
    repeat_between: "{} to {} times", "{} 至 {} 次";
    took: "{} cases took this way", "{} 通走了这条线";
    start: "Start", "开始";
    end: "End", "结束";
    n_cases: "n {}", "{} 通";
    customer: "customer", "客户";
    skipped_share: "skipped {}", "跳过 {}";
    stopped_share: "stopped {}", "停止 {}";
    tip: "Done in {} cases, done elsewhere in {}, left out in {}, stopped before it: {}", "做了 {} 通，换位置做 {} 通，跳过 {} 通，停在此前 {} 通";
    then: "then: {}", "之后：{}";
    sops: "The SOPs", "各 SOP 一览";
    sops_more: "{} further SOPs are not drawn.", "另有 {} 个 SOP 未画图。";
    cases: "Cases", "会话数";
    findings: "What goes with wins and losses", "哪些做法与输赢相关";
    findings_note: "Choices made at the same point by comparable cases: same rep, same attributes, same earlier choices where these matter. Filled dot and line: difference of “{}” and its 95 % interval, those who made the choice minus the others; hollow dot: the plain difference, which misleads. Grey: not enough evidence for a verdict. Coloured ones hold after allowing for all choices tested; they say what goes together among like cases, which is not yet proof of a cause.",
        "同一处、可比的会话之间相比：同一位销售、同样的属性、相关的此前选择也相同。实心点与横线为“{}”之差（做此选择者减其他）及 95% 区间；空心点为未作调整的差异，容易误导。灰色表示证据不足，不下结论。有颜色的在考虑了全部检验之后仍成立；它说明同类会话中两者相伴，还不是因果的证明。";
    skip_or_do: "Leaving a step out, against doing it", "跳过与做到的对比";
    added_or_not: "Doing something unplanned, against not", "计划外做法与不做的对比";
    ways: "Branches and optional parts", "分支与可选部分";
    guard_comparable: "comparable {}", "可比 {}";
    guard_e_value: "E-value {}", "E 值 {}";
    guard_cross_check: "second method {}", "另一方法 {}";
    guard_q: "q {}", "q 值 {}";
    kept_or_not: "Kept to the SOP so far, against not", "到此符合 SOP 与已有偏差的对比";
    failed_or_met: "Failing a standard, against meeting it", "未达标与达标的对比";
    worse_better: "← fewer wins | more wins →", "← 赢得更少 | 赢得更多 →";
    less_more: "← lower | higher →", "← 更低 | 更高 →";
    skip_name: "Leaving out “{}”", "跳过“{}”";
    kept_name: "Keeping to the SOP up to “{}”", "到“{}”为止符合 SOP";
    standard_name: "“{}” below standard: {}", "“{}”未达标：{}";
    sides: "{} reps against {}", "{} 位销售对 {} 位销售";
    few_left: "{} further comparisons with fewer than 20 cases on one side, and {} beyond the first {}, are in the findings table only.",
        "另有 {} 项对比因一侧不足 20 通未列出，{} 项排在前 {} 项之后，均见 findings 表。";
    no_outcome: "The conversations carry no outcome. Give each a yes/no or numeric outcome, and the comparison appears here.",
        "会话没有结果字段。为每通会话给出结果（是/否或数值），这里就会出现对比。";
    no_findings: "Nothing to compare yet: it takes cases with a known outcome on both sides of a choice.", "暂时没有可比的内容：同一处的两种做法都要有已知结果的会话。";
    improve: "What works outside the SOP", "SOP 之外的有效做法";
    talk: "Talk tracks and knowledge points", "话术与知识点";
    talk_note: "What is said of each topic, in real words. A share is that of the uses after which a planned step followed, with its 95 % interval, drawn to what all wordings have in common. Like with like: compared within reps, segments and what happened before. Association, not proof.",
        "每个话题的真实说法。占比为说了之后推进到计划中下一步的比例及其 95% 区间，并向全部说法的共同水平收缩。“同类相比”：在同一销售、同类客户、同样的前情之内比较。这是关联，不是因果证明。";
    talk_more: "Topics not shown: {}; they are in the tables of the library.", "另有 {} 个话题，见程序库的表。";
    topic: "Topic", "话题";
    topic_agent: "step", "销售节点";
    topic_customer: "raised by the customer", "客户提出";
    topic_emerging: "no step answers it", "尚无节点应对";
    topic_came_up: "came up {} times", "出现 {} 次";
    topic_next: "Next usually: “{}” ({} of {} times).", "之后通常是“{}”（{}，{} 次）。";
    winner: "clear winner", "优胜明确";
    no_winner: "no clear winner", "未分高下";
    one_wording: "one wording only", "只有一种说法";
    like_with_like: "like with like", "同类相比";
    as_counted: "as counted, few uses", "原始计数，样本少";
    nothing_follows: "nothing planned after it", "其后没有计划步骤";
    never_said: "never said", "没有人说过";
    wording: "Wording", "说法";
    wordings: "Wordings", "说法数";
    uses: "Uses", "使用次数";
    goes_on: "Goes on", "推进占比";
    interval: "95 % interval", "95% 区间";
    compared: "Compared", "比较方式";
    best_share: "Best, goes on", "最佳推进占比";
    coverage: "What is missing", "覆盖情况";
    coverage_note: "Topics without good words to hand on: nobody said anything, few uses, nothing lately, or nothing that does well.",
        "还缺好话术的话题：没人说过、样本太少、近期无人使用，或现有说法都不理想。";
    state: "State", "状态";
    missing_none: "nothing said", "没有说法";
    missing_few: "few uses", "样本太少";
    missing_old: "nothing lately", "近期无人使用";
    missing_no_good: "nothing does well", "现有说法都不理想";
    missing_emerging: "new: no step answers it", "新话题：尚无节点应对";
    covered: "covered", "已覆盖";
    improve_note: "Looked for on earlier cases and judged on later ones, within reps; the curve is the share of chances in which it was done: all reps, and broken those who began.",
        "在较早的会话中发现，用较晚的会话检验，都在同一销售之内比较；曲线为有机会时实际做了的占比：实线为全体销售，虚线为最早使用者。";
    proven: "proven", "已证实";
    candidate: "candidate", "待证实";
    one_rep_only: "one rep only", "仅一人使用";
    refuted: "not borne out", "未获印证";
    innovators: "Who led the way", "创新者";
    next_version: "The next version, and the past held against it", "下一版，以及用过去的会话检验";
    evidence_note: "How strongly the data spoke for each change, by cases that began up to a day: above 20 : 1 they speak for it. It may be looked at at any time.", "截至各日开始的会话对每项改动的支持程度：高于 20 : 1 即为支持，可随时查看。";
    proposals: "Proposed for the next version", "对下一版 SOP 的建议";
    adoption_note: "{} to {}", "{} 至 {}";
    no_innovations: "Nothing outside the SOP has shown to work so far.", "目前还没有发现 SOP 之外的有效做法。";
    rare_note: "{} rare situations are too few to be compared; they are in the table “rare” of the library.", "另有 {} 种少见情形，数量太少、无法比较，见程序库的“rare”表。";
    examples: "Look at", "看会话";
    gaps: "Where gaps in results come from", "结果差距从何而来";
    gaps_note: "What a choice changes is taken from the comparisons above that have a verdict; the two groups differ in how often they made it, and in their cases. What is left is not explained. The parts sum to the gap.",
        "每种选择的影响取自上面有结论的对比；两组的差别在于做这种选择的多少，以及客户构成。其余为尚未解释的部分。各项之和等于差距。";
    gap_conforming: "Complete cases with deviations, against those without", "走完全程、有偏差的会话与没有偏差的相比";
    gap_of: "“{}” against the top", "“{}”与前列相比";
    gap_whole: "gap", "差距";
    deviations: "Deviations, most frequent first", "偏差排行";
    deviations_note: "Share of the {} cases that were checked. Accepted deviations are not counted in the share; their number is beside it.", "占比以已检查的 {} 通会话为分母。已获认可的偏差不计入占比，另列其数。";
    deviation: "Deviation", "偏差";
    kind: "Kind", "类型";
    share: "Share", "占比";
    times: "Times", "次数";
    accepted: "Accepted", "已认可";
    finding: "Finding", "相关对比";
    see_finding: "see", "查看";
    no_deviations: "No case deviates from its SOP.", "没有会话偏离 SOP。";
    more_rows: "{} further rows are in the table “{}” of the library.", "另有 {} 行，见程序库的“{}”表。";
    skipped: "skipped", "跳过";
    extra: "unplanned", "计划外";
    repeated: "repeated", "重复";
    out_of_order: "out of order", "次序不符";
    below_standard: "below standard", "未达标";
    late: "late", "做晚了";
    variants: "Most frequent paths", "最常见的走法";
    variants_note: "{} distinct paths in {} cases; the first {} are shown.", "{} 通会话共有 {} 种走法，列出最常见的 {} 种。";
    path: "Path", "走法";
    path_more: "… {} more steps", "……另有 {} 步";
    path_empty: "no step", "无步骤";
    per_case: "deviations a case", "每通偏差";
    steps: "Steps", "步骤";
    step: "Step", "步骤";
    stage: "Stage", "阶段";
    reached: "Reached", "走到";
    done: "Done", "做到";
    stopped_before: "Stopped or open before", "停在此前（含跟进中）";
    at_start: "at the start", "在开头";
    after_point: "after “{}”", "在“{}”之后";
    unplanned: "not in the SOP", "不在 SOP 中";
    reps: "Reps", "销售";
    rep: "Rep", "销售";
    reps_note: "As they are, not adjusted for the cases each rep had; the interval shows how little a small n says. Those with most cases first.", "未按各人所分会话的难易调整；区间说明样本小时能说的很少。按会话数排列。";
    no_reps: "The conversations name no rep.", "会话没有标明销售。";
    conforms: "Keep to it so far", "到目前符合";
    adherence: "Adherence", "执行率";
    fitness: "Fitness", "拟合度";
    win_rate: "Win rate", "赢率";
    mean_outcome: "Mean outcome", "结果均值";
    sop: "SOP", "SOP";
    actual: "actual", "实际";
    case_section: "Cases to look at", "值得看的会话";
    case_rule: "{} of {} cases: for each of the first {} deviations and findings above up to {} cases, those with the smallest hash of their id (a draw that depends on nothing else).",
        "{} 通（共 {} 通）：上面前 {} 项偏差和对比，各取至多 {} 通，取会话编号哈希值最小者（抽取不受其他因素影响）。";
    case_key: "Above the preset path, below the actual one, joined where they match. Hollow: left out. Dashed: unplanned. An arc ties a step done elsewhere to its place. Dotted: still to come when the path ended. Small dot: allowed at any time.",
        "上为预设路径，下为实际路径，一致处相连。空心：跳过；虚线框：计划外；弧线：换了位置的步骤与其应在之处；点线框：会话结束时尚未走到；小点：随时可做。";
    conversation: "Conversation {} {}", "会话 {} {}";
    case: "Case", "会话";
    status_complete: "complete", "走完全程";
    status_stopped: "stopped", "中途停止";
    status_open: "open", "跟进中";
    status_unchecked: "no SOP", "无对应 SOP";
    won: "won", "赢单";
    lost: "lost", "未赢";
    undecided: "no outcome yet", "尚无结果";
    rails_label: "Preset and actual path of case {}: {} steps match, {} were left out, {} are unplanned", "会话 {} 的预设与实际路径：{} 步一致，{} 步跳过，{} 步计划外";
    moves_cut: "The first {} of {} moves are drawn.", "只画前 {} 步，共 {} 步。";
    more_deviations: "{} further deviations.", "另有 {} 项偏差。";
    conforming_case: "No deviation.", "没有偏差。";
    turns: "Turns", "对话";
    turns_cut: "{} of {} turns are shown: the first ones and those around a deviation.", "列出 {} 轮，共 {} 轮：开头几轮，以及偏差前后的几轮。";
    turns_left_out: "{} turns left out", "略去 {} 轮";
    turns_budget: "The turns of this case are left out to keep the file small.", "为控制文件大小，此会话的对话未列出。";
    no_turns: "No words were given for this case.", "此会话没有对话文字。";
    agent: "agent", "销售";
    customer_speaks: "customer", "客户";
    system: "system", "系统";
    marked: "a deviation rests on this turn", "偏差所在";
    methods: "How the figures are made", "数字怎么来的";
    def_alignment: "Each actual path is laid beside the SOP by the cheapest explanation (optimal alignment). A step left out and a step added cost 1 each unless the SOP says otherwise; what the customer does not bring up costs nothing.",
        "每条实际路径都按代价最小的方式与 SOP 对齐（最优对齐）。少一步、多一步各计 1（SOP 另有规定的除外）；客户没有做的事不计。";
    def_conforms: "Keeps to the SOP so far: no deviation but accepted ones, as far as the case got. Fully: the same for cases that came to the end; a case that stopped is never counted as fully conforming.",
        "到目前符合：截至会话走到之处，除已认可者外没有偏差。全程符合：只对走完全程的会话而言；中途停止的不算。";
    def_adherence: "Adherence: steps done (in place or elsewhere) ÷ steps due on the way, of the agent’s steps outside optional parts; the mean over cases.",
        "执行率：做到的步骤（含换了位置的）÷ 途中应做的步骤，只计销售的非可选步骤；表中为各会话均值。";
    def_fitness: "Fitness: 1 − cost ÷ the cost if nothing matched; the mean over cases. Unlike adherence it counts additions too, and what was still to come when a path stopped.",
        "拟合度：1 − 代价 ÷ 完全不一致时的代价；表中为各会话均值。与执行率不同，它也计入多做的步骤，以及停止时尚未走到的步骤。";
    def_stopped: "Stopped is not skipped: what was still to come when a path ended is no deviation. Open: not at the end and no outcome yet; never counted as lost.",
        "停止不等于跳过：会话结束时尚未走到的步骤不是偏差。跟进中：未走完且尚无结果，绝不计作丢单。";
    def_win: "Win rate: won ÷ (won + lost), with Wilson’s 95 % interval. Adjusted differences: Mantel–Haenszel with Sato’s variance within rep, attributes and earlier choices; of means, stratified with a bootstrap over reps. Plain ones: Newcombe’s interval, of means Welch’s. Many comparisons: Benjamini–Hochberg at 5 %.",
        "赢率：赢单 ÷（赢单 + 未赢），附 Wilson 95% 区间。调整后的差：按销售、属性和此前选择分层的 Mantel–Haenszel 差（Sato 方差）；均值之差分层后按销售做自助法。未调整的差用 Newcombe 区间，均值用 Welch 区间。多重比较按 Benjamini–Hochberg 控制在 5%。";
    made_by: "Made with goldpath {}. The same input gives the same page. Nothing is loaded from elsewhere.", "由 goldpath {} 生成。同样的输入得到同样的页面；本页不加载任何外部内容。";
}

impl Labels {
    /// How often a part may be repeated.
    pub(crate) fn rounds(&self, least: u32, most: Option<u32>) -> String {
        match (least, most) {
            (0, None) => self.repeat_any.to_owned(),
            (least, None) => fill(self.repeat_least, &[&least.to_string()]),
            (0, Some(most)) => fill(self.repeat_most, &[&most.to_string()]),
            (least, Some(most)) => fill(self.repeat_between, &[&least.to_string(), &most.to_string()]),
        }
    }
}

/// The words of a language.
pub(crate) fn labels(lang: Lang) -> &'static Labels {
    match lang {
        Lang::En => &EN,
        Lang::Zh => &ZH,
    }
}

/// Puts values where `{}` stands, in their order.
pub(crate) fn fill(pattern: &str, values: &[&str]) -> String {
    let mut text = String::with_capacity(pattern.len() + 16);
    let mut values = values.iter();
    for (i, part) in pattern.split("{}").enumerate() {
        if i > 0 {
            text.push_str(values.next().copied().unwrap_or_default());
        }
        text.push_str(part);
    }
    text
}
