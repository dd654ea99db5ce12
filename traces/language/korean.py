"""The sentences of the code in Korean, by the English ones.

Verdicts: supported 지지, refuted 반박, undecided 미결, invalid 무효. ln E, α, m and the names of tools stay as
they are. A particle after a part is written as its form after a consonant: `{outcome:은}`.
"""

NOUNS: dict[str, str] = {
    "draw": "추출 {n}회", "pair": "쌍 {n}개", "case": "사례 {n}개", "design": "설계 {n}개",
    "event": "사건 {n}개", "measurement": "측정 {n}건", "variable": "변수 {n}개", "law": "법칙 {n}개",
    "failure": "실패 {n}건", "hit": "적중 {n}회", "miss": "빗나감 {n}회", "tie": "동률 {n}회",
    "pairing": "짝 {n}개", "measured": "측정됨 {n}회", "work": "문헌 {n}편", "quote": "인용 {n}개",
}  # fmt: skip
"""How many there are of a thing."""

SENTENCES: dict[str, str] = {
    # what stands where
    "supported": "지지",
    "refuted": "반박",
    "undecided": "미결",
    "invalid": "무효",
    "open": "판정 없음",
    "provisionally {ruling}": "잠정 {ruling}",
    "without a verdict": "판정 없음",
    "hit": "적중",
    "miss": "빗나감",
    "tie": "동률",
    "failure": "실패",
    "measured": "측정됨",
    "not counted": "세지 않음",
    "design-based": "설계 기반",
    "model-based": "모형 기반",
    "done": "완료",
    "budget": "예산 소진",
    "paused": "일시 정지",
    "interrupted": "중단",
    "failed": "실패",
    "running": "진행 중",
    "unknown": "알 수 없음",
    "unnamed": "이름 없음",
    "none": "없음",
    "yes": "예",
    "no": "아니요",
    "agrees": "일치",
    "disagrees": "불일치",
    "not decided": "판정되지 않음",
    "the asker": "질문자",
    "theorist": "이론가",
    "tested": "검증 대상",
    "matched": "짝지음",
    "elsewhere": "그 밖의 경우",
    # the scientist's own sentences
    "{outcome} rises with {variable}": "{variable:이} 클수록 {outcome:이} 높다",
    "{outcome} falls with {variable}": "{variable:이} 클수록 {outcome:이} 낮다",
    "{said} (by at least {least})": "{said} (차이 {least} 이상)",
    "{said} at equal {names}": "{said} ({names:이} 같을 때)",
    "{said}, where {conditions}": "{said} (조건: {conditions})",
    "{outcome} is higher where {inside} than {against}":
        "{outcome:은} {against}보다 {inside}에서 더 높다",
    "{outcome} is lower where {inside} than {against}":
        "{outcome:은} {against}보다 {inside}에서 더 낮다",
    "the change {change} raises {outcome}": "변화 {change:은} {outcome:을} 높인다",
    "the change {change} lowers {outcome}": "변화 {change:은} {outcome:을} 낮춘다",
    "{one} and {two}": "{one}, {two}",
    "{words} = {labels} raises {outcome}": "{words} = {labels}: {outcome:을} 높인다",
    "{words} = {labels} lowers {outcome}": "{words} = {labels}: {outcome:을} 낮춘다",
    "{outcome} depends on none of this: noise around one value":
        "{outcome:은} 이 가운데 어느 것에도 달려 있지 않다: 한 값 둘레의 잡음",
    "The null: every rival has to do better than a constant.":
        "귀무: 모든 경쟁 가설은 상수보다 나아야 한다.",
    "Suggested by the pilot.": "예비 측정에서 나온 제안.",
    "Drawn by lot.": "제비로 뽑음.",
    "{statement}, also at equal {name}": "{statement} ({name:이} 같을 때에도)",
    "Two supported trends: does the first only stand for the second ({other})?":
        "두 경향이 지지되었다: 첫째는 둘째({other})를 대신할 뿐인가?",
    "Refuted in an earlier run ({where}), so tried last.":
        "이전 실행에서 반박되어({where}) 마지막에 시험한다.",
    "Supported": "지지",
    "Refuted": "반박",
    "Undecided": "미결",
    "Invalid": "무효",
    "No valid test": "유효한 검정 없음",
    "Weighed against its rivals on {draws} measured designs":
        "경쟁 가설과 견주었다, 측정한 설계의 수: {draws}",
    "{hits} of {draws} random pairs went the way it predicts":
        "예측대로인 무작위 쌍의 수: {draws} 중 {hits}",
    "{ruling}: {statement}. {weighed} (ln E for {for}, against {against}).":
        "{ruling}: {statement}. {weighed} (ln E 찬성 {for}, 반대 {against}).",
    "The {outcome}{ours} was compared with an independent method{theirs} on {n} of the cases: "
    "mean absolute difference {error}":
        "{outcome:을}{ours} 독립적인 방법{theirs}과 비교했다: 사례의 수 {n}, 평균 절대 차이 {error}",
    " by the tool {tool}": "(도구 {tool})",
    ", rank correlation {rank}": ", 순위 상관 {rank}",
    "The highest {outcome} of {n} cases measured is {value}, of {case}":
        "{outcome:이} 가장 높은 사례: {case}, 값 {value}, 측정한 사례의 수 {n}",
    "The lowest {outcome} of {n} cases measured is {value}, of {case}":
        "{outcome:이} 가장 낮은 사례: {case}, 값 {value}, 측정한 사례의 수 {n}",
    " (one standard deviation {spread})": " (표준편차 {spread})",
    "The search chose {n} cases, the best of them {ours} and their mean {mean}; of {m} cases "
    "drawn at random the best is {chance} and the mean {blind}.":
        "탐색이 고른 사례: 수 {n}, 최선 {ours}, 평균 {mean}; 무작위로 뽑은 사례: 수 {m}, 최선 {chance}, "
        "평균 {blind}.",
    "The search made {n} readings, the best of them {ours} and their mean {mean}; of {m} readings "
    "of cases drawn at random the best is {chance} and the mean {blind}.":
        "탐색이 측정한 것은 {n}회, 최선은 {ours}, 평균은 {mean}; 무작위로 뽑은 사례의 측정 {m}회에서는 최선 "
        "{chance}, 평균 {blind}.",
    " (the mean of {readings} readings, standard error {spread})":
        " (측정 {readings}회의 평균, 표준오차 {spread})",
    "{good} keep the limits ({limits})": "한계({limits})를 지키는 것은 {good}개",
    "Of {n} cases measured {front} are beaten by no other in {names} together.":
        "측정한 사례 {n}개 가운데 {front}개는 {names}에서 함께 다른 어느 것에도 뒤지지 않는다.",
    "Of {n} cases measured {front} keep the limits ({limits}) and are beaten by no other in {names} "
    "together.":
        "측정한 사례 {n}개 가운데 {front}개는 한계({limits})를 지키며 {names}에서 함께 다른 어느 것에도 "
        "뒤지지 않는다.",
    "One of them is {case}: {values}.": "그 가운데 하나는 {case}: {values}.",
    "None of {n} cases measured keeps the limits ({limits}).":
        "측정한 사례 {n}개 가운데 한계({limits})를 지키는 것은 없다.",
    # the judge's, as they stand on the record
    "ln E {side} = {value} reached ln(m/α) = {threshold}":
        "ln E({side}) = {value}, 문턱 ln(m/α) = {threshold}에 이르렀다",
    "ln E {side} = {value} reached ln(m/alpha) = {threshold}":
        "ln E({side}) = {value}, 문턱 ln(m/α) = {threshold}에 이르렀다",
    "ln E {side} = {value} passes e-BH below ln(m/α) = {threshold}":
        "ln E({side}) = {value:이} ln(m/α) = {threshold}보다 작지만 e-BH를 통과했다",
    "ln E {side} = {value} passes e-BH below ln(m/alpha) = {threshold}":
        "ln E({side}) = {value:이} ln(m/α) = {threshold}보다 작지만 e-BH를 통과했다",
    "ln E for = {value} reached ln(m/alpha) = {threshold}, but ln E against is {against}: rivals "
    "predict better than the law explains":
        "ln E(찬성) = {value}, 문턱 ln(m/α) = {threshold}에 이르렀으나 ln E(반대)가 {against}: 경쟁 가설들의 "
        "예측이 이 법칙의 설명보다 낫다",
    "ln E for = {value} reached ln(m/alpha) = {threshold}, but something is left: a smooth function "
    "of the variables predicts it, ln B = {left}":
        "ln E(찬성) = {value}, 문턱 ln(m/α) = {threshold}에 이르렀으나 남는 것이 있다: 변수들의 매끄러운 함수가 "
        "그것을 예측한다, ln B = {left}",
    "for": "찬성",
    "against": "반대",
    "after {draws} of {planned} draws neither ln E has reached {threshold}":
        "추출 {planned}회 중 {draws}회 뒤에도 두 ln E 모두 {threshold}에 이르지 못했다",
    "the evidence for and against are both large": "찬성과 반대의 증거가 모두 크다",
    "{failures} of {draws} draws failed; registered was at most {rate}":
        "추출 {draws}회 중 {failures}회가 실패했다; 등록된 한도는 {rate}",
    "experiment {experiment}: {why}": "실험 {experiment}: {why}",
    "decided at draw {draw}": "{draw}번째 추출에서 이미 판정됨",
    "closed after the {draws} draws registered": "등록된 추출 {draws}회 뒤에 닫힘",
    "draw {draw} of the sealed order was due": "봉인된 순서로는 {draw}번째 추출 차례였다",
    "measured before the hypothesis was registered": "가설이 등록되기 전에 측정됨",
    "the design is not among those registered": "등록된 설계가 아니다",
    "this reading was counted already": "이 값은 이미 셌다",
    "measured before the experiment was designed": "실험이 설계되기 전에 측정됨",
    "measured in one batch with draw {draw}, which decided":
        "판정을 낸 {draw}번째 추출과 한 묶음으로 측정됨",
    "the record holds no verdict on it": "기록에 이에 대한 판정이 없다",
    "Draws stopped because draw {draws} decided it.": "{draws}번째 추출이 판정을 내어 멈추었다.",
    "Draws stopped because all {planned} registered draws were made.":
        "등록된 추출 {planned}회를 모두 하여 멈추었다.",
    "Draws stopped after {draws} of {planned}.": "추출 {planned}회 중 {draws}회 뒤에 멈추었다.",
    "Draws stopped after {draws} of {planned} because the {left} left could no longer decide it: "
    "had all of them gone as predicted, ln E for would have come to {most}, had none, ln E against "
    "to {least}; {threshold} decides.":
        "추출 {planned}회 중 {draws}회 뒤에 멈추었다. 남은 {left}회로는 판정할 수 없었다: 모두 예측대로여도 찬성 "
        "ln E는 {most}, 하나도 아니어도 반대 ln E는 {least}에 그치며, 판정에는 {threshold:이} 필요하다.",
    "Draws stopped after {draws} of {planned} because the run's budget was spent.":
        "추출 {planned}회 중 {draws}회 뒤에 예산이 소진되어 멈추었다.",
    "Draws stopped after {draws} of {planned} because the run's budget was spent: {reason}.":
        "추출 {planned}회 중 {draws}회 뒤에 예산이 소진되어 멈추었다: {reason}.",
    "Draws stopped after {draws} of {planned} because the run was interrupted; it can be resumed.":
        "추출 {planned}회 중 {draws}회 뒤에 실행이 중단되어 멈추었다; 이어 갈 수 있다.",
    "Draws stopped after {draws} of {planned} because the run was interrupted: {reason}; it can be "
    "resumed.":
        "추출 {planned}회 중 {draws}회 뒤에 실행이 중단되어 멈추었다: {reason}; 이어 갈 수 있다.",
    "Draws stopped after {draws} of {planned} because the run ended.":
        "추출 {planned}회 중 {draws}회 뒤에 실행이 끝나 멈추었다.",
    "Draws stopped after {draws} of {planned} because the run ended: {reason}.":
        "추출 {planned}회 중 {draws}회 뒤에 실행이 끝나 멈추었다: {reason}.",
    "{draws} of {planned} draws are made; the run has not ended.":
        "추출 {planned}회 중 {draws}회를 했고, 실행은 끝나지 않았다.",
    # the registrar's and the graph's, as they stand on the record
    "in a random pair, the first has the higher {outcome}":
        "무작위 쌍에서 첫째의 {outcome:이} 더 높다",
    "in a random pair, the first has the lower {outcome}":
        "무작위 쌍에서 첫째의 {outcome:이} 더 낮다",
    "in a random pair, {matching}, the first has the higher {outcome}":
        "무작위 쌍({matching})에서 첫째의 {outcome:이} 더 높다",
    "in a random pair, {matching}, the first has the lower {outcome}":
        "무작위 쌍({matching})에서 첫째의 {outcome:이} 더 낮다",
    "matched in {names}": "{names:을} 맞춤",
    "{name} within {within}": "{name}(±{within})",
    "identical but for the change {change}": "변화 {change} 말고는 같음",
    "the {link} outcome follows this table up to one free constant":
        "{link} 결과는 자유 상수 하나를 빼면 이 표를 따른다",
    "a random case lies closer to this table than to that of {rival}":
        "무작위 사례가 {rival}의 표보다 이 표에 더 가깝다",
    "{population}, {seen} cases already measured left out":
        "{population}, 이미 측정된 사례 {seen}개 제외",
    "a law needs a rival to be weighed against": "법칙에는 견줄 경쟁 가설이 필요하다",
    "only {designs} designs at which every law predicts something":
        "모든 법칙이 무언가를 예측하는 설계가 {designs}개뿐이다",
    "fewer than three pilot cases to freeze the laws' constants on":
        "법칙의 상수를 고정할 예비 사례가 셋이 안 된다",
    "{planned} cases, even if all went its way, could not reach ln(m/α) = {threshold}":
        "사례 {planned}개가 모두 들어맞아도 ln(m/α) = {threshold}에 이를 수 없다",
    "{planned} cases, even if all went its way, could not reach ln(m/alpha) = {threshold}":
        "사례 {planned}개가 모두 들어맞아도 ln(m/α) = {threshold}에 이를 수 없다",
    "its frame has {size} pairs and {draws} {rule} draws; even if all went its way they could not "
    "reach ln(m/alpha) = {threshold}":
        "표본틀에 쌍이 {size}개, 추출({rule})이 {draws}회뿐이라, 모두 들어맞아도 ln(m/α) = {threshold}에 이를 수 "
        "없다",
    "disjoint": "겹치지 않는",
    "replacement": "복원",
    "without replacement": "비복원",
    "no two cases are comparable ({matching})": "비교할 수 있는 사례 쌍이 없다 ({matching})",
    "unmatched": "짝짓지 않음",
    "more than {limit} pairs; match more closely or take a sample of cases":
        "쌍이 {limit}개를 넘는다; 더 가깝게 짝짓거나 사례를 표본으로 뽑으십시오",
    "the contest of laws has begun without it": "법칙의 겨루기가 이것 없이 이미 시작되었다",
    "all {maximum} registered slots are taken": "등록 자리 {maximum}개가 모두 찼다",
    "cannot be told apart from {twin} on these cases":
        "이 사례들로는 {twin:과} 구별할 수 없다",
    "the budget of {limit} is spent": "{limit} 예산이 소진되었다",
    "{waves} waves of hypotheses were thought of": "가설을 {waves}차례 생각해 냈다",
    "every registered hypothesis is decided or can no longer be":
        "등록된 가설은 모두 판정되었거나 더는 판정할 수 없다",
    "{open} hypotheses are open": "가설 {open}개가 열려 있다",
    "{left} of {maximum} slots are left": "자리 {maximum}개 중 {left}개가 남았다",
    "the target is reached": "목표에 이르렀다",
    "everything there is has been measured": "있는 것을 모두 측정했다",
    "the next batch does not pay": "다음 묶음은 값을 하지 못한다",
    "experiments": "실험",
    "seconds": "초",
    "cpu seconds": "CPU 시간",
    "instrument seconds": "기기 시간",
    "tokens": "토큰",
    "money": "비용",
    "measurements": "측정",
    "calls": "호출",
    "tool calls": "도구 호출",
    "model calls": "모델 호출",
    "egress calls": "외부 요청",
    "person calls": "사람에게 한 요청",
    # lessons of earlier runs
    "a lesson of the run {run} (there {place}; its head {head}…), which is no evidence: {lesson}":
        "실행 {run}의 교훈 (그 기록의 {place}; 마지막 다이제스트 {head}…), 증거는 아니다: {lesson}",
    "a lesson of the run {run}, which is no evidence: {lesson}":
        "실행 {run}의 교훈, 증거는 아니다: {lesson}",
    "refuted after {draws} draws: {statement}": "추출 {draws}회 뒤에 반박됨: {statement}",
    "{tool} failed in all of {calls} calls, first of all {kind}: {reason}":
        "도구 {tool:이} 호출 {calls}회에서 모두 실패했다, 처음에는 {kind}: {reason}",
    "ended {status} after {spent}": "{status:으로} 끝남, 쓴 것: {spent}",
    "refused {subject}: {reason}": "거절됨, {subject}: {reason}",
    "{reason} (run {run}, event {at}); left out": "{reason} (실행 {run}, 사건 {at}); 뺐다",
    "the independent check by {tool}": "도구 {tool}에 의한 독립 확인",
    "branched off the run {parent} at event {at}": "실행 {parent}의 사건 {at}에서 갈라져 나옴",
    "resumed": "재개됨",
    "resumed: {reason}": "재개됨: {reason}",
    "interrupted: {reason}": "중단: {reason}",
    "paused: {reason}": "일시 정지: {reason}",
    "asked to stop": "멈추라는 요청",
    # the auditor's
    "the text speaks of '{name}', which has no figure": "글이 말하는 '{name}'에 해당하는 값이 없다",
    "the figure '{name}' is not in the text": "값 '{name}' 자리가 글에 없다",
    "hypothesis {name} has no verdict": "가설 {name}에 판정이 없다",
    "a number without an origin: {numbers}": "출처 없는 수: {numbers}",
    "'{name}' says {said}, the record says {found}": "'{name}'의 값은 {said}, 기록은 {found}",
    "'{name}' is in '{unit}', the record's is in '{found}'":
        "'{name}'의 단위는 '{unit}', 기록은 '{found}'",
    "it cites no measurement and no verdict": "측정도 판정도 인용하지 않는다",
    "the record holds no audit of it": "기록에 이에 대한 감사가 없다",
    # what a hypothesis' registration says
    "(hypothesis {name}, which the record never proposes)": "(기록에 제안된 적이 없는 가설 {name})",
    "below 0.001": "0.001 미만",
    "process": "과정",
    "threshold": "문턱",
    "population": "모집단",
    "frame": "표본틀",
    "matching": "짝짓기",
    "draws": "추출",
    "draws, in the sealed order": "추출 (봉인된 순서)",
    "predicted": "예측",
    "measured {outcome}": "측정된 {outcome}",
    "pilot": "예비 측정",
    "ties": "동률",
    "failures": "실패",
    "rivals": "경쟁 가설",
    "others": "그 밖의 것",
    "rule": "규칙",
    "ln(m/α) = {threshold}, with m = {m} hypotheses and α = {alpha}":
        "ln(m/α) = {threshold}, 가설 수 m = {m}, α = {alpha}",
    "{size:d} pairs of {cases:d} cases": "사례 {cases}개의 쌍 {size}개",
    "{size:d} designs of {cases:d} cases": "사례 {cases}개의 설계 {size}개",
    "{size:d} design of {cases:d} cases": "사례 {cases}개의 설계 {size}개",
    "{size:d} pair of {cases:d} cases": "사례 {cases}개의 쌍 {size}개",
    "{rule}, {planned:d} planned, seed {seed:d}; stop after {stop:d}":
        "{rule}, 계획 {planned}회, 시드 {seed}; {stop}회 뒤 멈춤",
    "{cases} left the frame before anything in it was measured":
        "{cases:이} 측정 전에 표본틀에서 빠졌다",
    "differences up to {tie}": "{tie} 이하의 차이",
    "invalid above {rate} of the draws": "추출의 {rate}를 넘으면 무효",
    "{names}; and {more} more": "{names}; 그 밖에 {more}개",
    "disjoint, uniform at random, sealed in order": "겹치지 않게 균등 무작위로, 봉인된 순서",
    "uniform at random, no pair twice, sealed in order":
        "균등 무작위로, 같은 쌍 없이, 봉인된 순서",
    "uniform at random with replacement, sealed in order": "균등 무작위 복원, 봉인된 순서",
    "chosen for what they tell per cost, among the designs registered":
        "등록된 설계 가운데 비용당 정보가 큰 것",
    "sign, that is the share of pairs that go as predicted; null at most {null}, effect of "
    "interest at least {interest}":
        "부호, 곧 예측대로인 쌍의 비율; 귀무 {null} 이하, 관심 효과 {interest} 이상",
    "census of {size}: the share of hits in the whole frame; null at most {null}, effect of "
    "interest at least {interest}":
        "{size}개 전수: 표본틀 전체의 적중 비율; 귀무 {null} 이하, 관심 효과 {interest} 이상",
    "mean of differences within [{low}, {high}]; null at most {null}, effect of interest at least "
    "{interest}":
        "[{low}, {high}] 안의 차이의 평균; 귀무 {null} 이하, 관심 효과 {interest} 이상",
    "mean with known noise σ = {sigma}; null at most {null}, effect of interest at least "
    "{interest} (prior width {tau})":
        "잡음 σ = {sigma:이} 알려진 평균; 귀무 {null} 이하, 관심 효과 {interest} 이상 (사전 폭 {tau})",
    "law against law, one free constant, {link} link, Gaussian noise {noise}; flexible regression "
    "among the rivals: {regression}":
        "법칙 대 법칙, 자유 상수 하나, {link} 연결, 가우스 잡음 {noise}; 경쟁 가설 중 유연한 회귀: {regression}",
    "law against law, one free constant, {link} link, Gaussian noise {noise}; flexible regression "
    "among the rivals: {regression}; nothing smooth may be left in {remainder}":
        "법칙 대 법칙, 자유 상수 하나, {link} 연결, 가우스 잡음 {noise}; 경쟁 가설 중 유연한 회귀: {regression}; "
        "{remainder}의 매끄러운 함수가 남아서는 안 된다",
    "at most {ceiling}": "최대 {ceiling}",
    "of unknown size": "크기 모름",
    "Measurements and predictions cannot be compared here: {why}.":
        "여기서는 측정과 예측을 비교할 수 없다: {why}.",
    "no table of predictions was registered": "예측표가 등록되지 않았다",
    "the registered predictions are no table of numbers": "등록된 예측이 수의 표가 아니다",
    "blob {name}… is missing from the run's folder": "실행 폴더에 블롭 {name}…이 없다",
    "blob {name}… has been altered": "블롭 {name}…이 바뀌었다",
    "blob {name}… is not JSON": "블롭 {name}…은 JSON이 아니다",
    "its type is {media}, which is no picture": "유형이 {media:으로} 그림이 아니다",
    "it is larger than {size} kB": "{size} kB보다 크다",
    "draw {number}": "추출 {number}",
    # what was left out
    "registered, and no draw was made; {why}": "등록되었으나 추출은 없었다; {why}",
    "proposed, and still in the pool when the record ends":
        "제안되었고, 기록이 끝날 때 아직 후보에 있었다",
    "{reason}; next it would have measured {would}": "{reason}; 다음에 측정했을 것: {would}",
    "The budget": "예산",
    "this machine": "이 기계",
    "{measurements}, the first of {case}: {reason}": "{measurements}, 처음은 {case}: {reason}",
    "{said}… (cut: {characters} characters in the record)": "{said}… (줄임: 기록에는 {characters}자)",
    # what verdicts say
    "A design-based verdict rests on chance that is ours: cases were paired and drawn at random, in "
    "an order sealed before anything in it was measured. It speaks of pairs of the registered frame, "
    "matched as registered, and of nothing outside it; what was not matched may still differ between "
    "the two of a pair.":
        "설계 기반 판정은 우리가 만든 우연에 바탕을 둔다: 사례를 짝지어 무작위로 뽑았고, 그 순서는 그 안의 무엇도 "
        "측정하기 전에 봉인되었다. 등록된 대로 짝지은, 등록된 표본틀의 쌍에 대해서만 말한다; 짝지을 때 맞추지 않은 "
        "것은 한 쌍의 둘 사이에서 다를 수 있다.",
    "'Supported' asserts a direction, not a size: the effect (as a rule the share of pairs that go "
    "as predicted) is above the null. 'Refuted' says that it is below the smallest effect of "
    "interest. Between the two lies a zone where either may come.":
        "'지지'는 크기가 아니라 방향을 말한다: 효과(대개 예측대로인 쌍의 비율)가 귀무보다 크다. '반박'은 효과가 "
        "관심 있는 가장 작은 효과보다 작다는 뜻이다. 그 사이에서는 어느 쪽이든 나올 수 있다.",
    "A law is not supported while a smooth function of the variables predicts what it leaves better "
    "than noise does, on the pilot and the draws together. What is smaller than the noise can still "
    "be left.":
        "변수들의 매끄러운 함수가 법칙이 남긴 것을 잡음보다 잘 예측하는 동안에는, 예비 측정과 추출을 합쳐, 그 법칙은 "
        "지지되지 않는다. 잡음보다 작은 것은 여전히 남아 있을 수 있다.",
    "A model-based verdict compares the registered laws with each other, each with one constant "
    "left free, under Gaussian noise. It says which of these is right if one is, not that none "
    "better exists; designs were chosen for what they tell.":
        "모형 기반 판정은 상수 하나씩을 남겨 둔 등록된 법칙들을 가우스 잡음 아래에서 서로 견준다. 이 가운데 옳은 "
        "것이 있다면 어느 것인지를 말할 뿐, 더 나은 것이 없다는 말이 아니다; 설계는 정보가 큰 것을 골랐다.",
    "Evidence is an e-value: a bet against the null whose expected gain is at most one if the null "
    "is true. However long one watches and whenever one stops, the chance that a true null is ever "
    "outbid by m/α is at most α/m. With m = {m} hypotheses and α = {alpha} the threshold is "
    "ln(m/α) = {threshold}, registered before the first measurement; whichever side reaches it first "
    "freezes both.":
        "증거는 e값이다: 귀무에 거는 내기로, 귀무가 참이면 기대 이득이 1을 넘지 않는다. 얼마나 오래 지켜보고 언제 "
        "멈추든, 참인 귀무가 m/α 배로 질 확률은 α/m 이하이다. 가설 수 m = {m}, α = {alpha}이면 문턱은 "
        "ln(m/α) = {threshold}이며 첫 측정 전에 등록되었다; 먼저 닿는 쪽이 양쪽을 얼린다.",
    "Over all hypotheses of the run the false discovery rate is held at α by e-BH on the frozen "
    "values, for supports and for refutations apart; slots that were not used count as e = 0. A "
    "crossing during the run is provisional until this step.":
        "실행의 모든 가설에 걸쳐, 얼린 값에 e-BH를 써서 거짓 발견율을 α로 지킨다. 지지와 반박은 따로 하며, 쓰지 "
        "않은 자리는 e = 0으로 센다. 실행 중에 문턱을 넘은 것은 이 단계 전까지 잠정이다.",
    "Undecided means that neither side crossed before the draws were spent, the draws left could no "
    "longer decide, or the run ended; each says which. It is not evidence of no effect.":
        "미결은 추출을 다 쓰거나, 남은 추출로 판정할 수 없거나, 실행이 끝날 때까지 어느 쪽도 문턱을 넘지 못했다는 "
        "뜻이다; 어느 것인지는 각각에 적혀 있다. 효과가 없다는 증거가 아니다.",
    "A failed measurement stays on the record. In the share of pairs it counts as a miss in the "
    "evidence for and as a hit in the evidence against; above the registered share of failures a "
    "verdict is invalid. What a tool computes is the tool's model of the world; where an independent "
    "check was made, its agreement is shown.":
        "실패한 측정은 기록에 남는다. 쌍의 비율에서 찬성 증거에는 빗나감으로, 반대 증거에는 적중으로 센다; 등록된 "
        "실패 비율을 넘으면 판정은 무효이다. 도구가 계산하는 것은 세계에 대한 그 도구의 모형이다; 독립 확인을 한 "
        "경우 그 일치를 보인다.",
    "it set the order of testing and enters no verdict":
        "시험 순서를 정했을 뿐 판정에는 들어가지 않는다",
    # the report: headings, tables, lines
    "Findings": "결과",
    "Hypotheses": "가설",
    "Hypothesis": "가설",
    "Verdict": "판정",
    "The verdict": "판정",
    "Evidence": "증거",
    "ln E for": "ln E 찬성",
    "ln E against": "ln E 반대",
    "Draws": "추출",
    "Draw": "추출",
    "Basis": "근거",
    "Run": "실행",
    "Scenario": "시나리오",
    "Time": "시간",
    "Status": "상태",
    "Head of the record": "기록의 마지막",
    "Question as asked": "물은 그대로의 질문",
    "Contents": "차례",
    "Limits": "한계",
    "Score": "점수",
    "Reproduce": "재현",
    "Measurements": "측정",
    "Left out": "뺀 것",
    "Independent check": "독립 확인",
    "Versions": "버전",
    "Registered": "등록",
    "sealed": "봉인",
    "prediction": "예측",
    "First": "첫째",
    "Second": "둘째",
    "Difference": "차이",
    "Design": "설계",
    "Outcome": "결과",
    "Case": "사례",
    "Value": "값",
    "Unit": "단위",
    "Tool": "도구",
    "Purpose": "목적",
    "Event": "사건",
    "Measured": "측정",
    "Check": "확인",
    "Law": "법칙",
    "Statement": "진술",
    "Spread": "퍼짐",
    "Spread of the residuals": "잔차의 퍼짐",
    "What": "무엇",
    "Why": "왜",
    "About": "대상",
    "Kind and tool": "종류와 도구",
    "How many and why": "몇 번, 왜",
    "measurement": "측정",
    "check": "확인",
    "test": "시험",
    "search": "탐색",
    "random": "무작위",
    "{scenario}, scientist {scientist}, seed {seed}":
        "{scenario}, 과학자 {scientist}, 시드 {seed}",
    "{began} to {ended}": "{began} ~ {ended}",
    "{digest} ({events})": "{digest} ({events})",
    "Numbers in brackets, as [#12], are positions on the record.":
        "[#12]처럼 괄호 안의 수는 기록에서의 위치이다.",
    "The record holds no claim.": "기록에 주장이 없다.",
    "No hypothesis was registered.": "등록된 가설이 없다.",
    "No hypothesis was supported and none was refuted.": "지지되거나 반박된 가설이 없다.",
    "What these verdicts do and do not say": "이 판정이 말하는 것과 말하지 않는 것",
    "Score against the hidden answer": "숨긴 답과의 비교",
    "Cost, versions, and how to reproduce it": "비용, 버전, 재현 방법",
    "{digest} (SHA-256 of run.json)": "{digest} (run.json의 SHA-256)",
    "{text} [{events} events, #{first} first]": "{text} [사건 {events}개, 처음 #{first}]",
    "**UNSUPPORTED**, not a finding: {said}": "**뒷받침되지 않음**, 결과가 아님: {said}",
    "UNSUPPORTED": "뒷받침되지 않음",
    "No verdict": "판정 없음",
    "Provisionally {ruling} at draw {draw}{at}.": "{draw}번째 추출에서 잠정 {ruling}{at}.",
    "Why it might be so (words, not evidence): {mechanism}":
        "왜 그럴 수 있는가 (말이지 증거가 아님): {mechanism}",
    "Proposed by {by}{at}{prior}.": "제안: {by}{at}{prior}.",
    ", rank weight {prior} ({ranked})": ", 순위 가중 {prior} ({ranked})",
    "Draws: {shares}.": "추출: {shares}.",
    "digest {digest}": "다이제스트 {digest}",
    "Of each case: {columns}; in this order.": "사례마다 차례로: {columns}.",
    "{words} in {unit}": "{words} [{unit}]",
    "{more} more draws are on the record.": "추출 {more}회가 기록에 더 있다.",
    "Laws side by side": "나란히 놓은 법칙",
    "The same measurements against each law's registered prediction, its one constant fitted after "
    "the fact: a picture, not the verdict.":
        "같은 측정을 법칙마다 등록된 예측과 견준 것으로, 상수 하나는 나중에 맞추었다: 그림일 뿐 판정이 아니다.",
    "Agreement with an independent check": "독립 확인과의 일치",
    "{outcome}: the measurement is by the tool {ours}, the check by {theirs}. {failed} failed on "
    "one side.":
        "{outcome}: 측정 도구는 {ours}, 확인 도구는 {theirs}. 한쪽에서 실패한 것: {failed}.",
    "Measured minus check is {mean} in the mean; half of the cases lie within {median} of their "
    "check. Farthest from it:":
        "측정에서 확인을 뺀 값은 평균 {mean}; 사례의 절반은 확인에서 {median} 안에 있다. 가장 먼 것:",
    "How hypotheses competed for a test": "시험을 두고 가설들이 겨룬 결과",
    "Strength": "세기",
    "This is a ranking, not a finding: it decided which hypotheses were tested. Strengths are "
    "Bradley-Terry strengths (logarithms of odds) with 95% intervals, from {pairings}, each judged in "
    "both orders; {draws} drawn, {discarded} discarded.":
        "이것은 순위이지 발견이 아니다: 어느 가설을 시험할지 정했을 뿐이다. 세기는 브래들리-테리 세기(승산의 "
        "로그)와 95% 구간이며, 순서를 바꾸어 두 번씩 판정한 {pairings}에서 나왔다; 비김: {draws}, 버린 것: "
        "{discarded}.",
    "{value} ({low} to {high}), {pairings}; tested": "{value} ({low}에서 {high}까지), {pairings}; 시험함",
    "{value} ({low} to {high}), {pairings}; not tested":
        "{value} ({low}에서 {high}까지), {pairings}; 시험하지 않음",
    # a campaign's search
    "The search": "탐색",
    "as high as can be": "가능한 한 높게",
    "as low as can be": "가능한 한 낮게",
    "at least {floor}": "최소 {floor}",
    "Wanted: {goals}. {measured} measured.": "목표는 {goals}. 측정한 것은 {measured}.",
    "Wanted: {goals}. {measured} measured, {good} within the limits.":
        "목표는 {goals}. 측정한 것은 {measured}, 그 가운데 한계를 지킨 것은 {good}개.",
    "It ended: {reason}.": "끝난 까닭: {reason}.",
    "Given by {source}: {what}": "미리 주어진 것({source}): {what}",
    "Blue: what the search chose, and the best so far. Grey: what was drawn at random in the same "
    "run, and its best.":
        "파랑: 탐색이 고른 것과 그때까지의 최선. 회색: 같은 실행에서 무작위로 뽑은 것과 그 최선.",
    "Blue: cases that no other beats in all objectives together; grey: beaten.":
        "파랑: 모든 목표를 함께 볼 때 다른 어느 것에도 뒤지지 않는 사례; 회색: 뒤지는 사례.",
    "Crosses: outside the limits.": "가위표: 한계 밖.",
    "The best case": "가장 좋은 사례",
    "The front": "파레토 전선",
    "Readings": "측정 횟수",
    "The model's estimate (95%)": "모형의 추정 (95%)",
    "{mean} ({low} to {high})": "{mean} ({low}에서 {high}까지)",
    "{more} more cases of the front are on the record.": "전선의 사례 {more}개가 기록에 더 있다.",
    "Values are means of the readings. Where readings are noisy the best is chosen by what the "
    "model believes, not by the luckiest reading; an estimate is no measurement.":
        "값은 여러 번 측정한 것의 평균이다. 측정에 잡음이 있으면 운이 가장 좋았던 값이 아니라 모형의 추정에 따라 "
        "최선을 고른다; 추정은 측정이 아니다.",
    "What to try next": "다음에 시도할 것",
    "The best of the next batch is expected to gain {gain}: a forecast of the model, not a finding.":
        "다음 묶음의 최선에서 기대되는 이득: {gain}. 모형의 예측이지 결과가 아니다.",
    "In this order.": "이 순서로.",
    "{share} % of the front's hypervolume": "전선 초부피의 {share} %",
    "{point} (expected to gain {gain})": "{point} (기대 이득 {gain})",
    "{point} (expected to add {share}% to the front's hypervolume)":
        "{point} (전선 초부피에 기대되는 증가 {share}%)",
    "cases, as measured": "사례, 측정한 순서",
    "{points} cases in the order measured.": "측정한 순서의 사례 {points}개.",
    "{points} cases in the order measured; the best ends at {best}.":
        "측정한 순서의 사례 {points}개; 마지막 최선은 {best}.",
    "{points} cases by two objectives, {front} on the front.":
        "두 목표로 본 사례 {points}개, 전선에 있는 것은 {front}개.",
    # what others have written
    "What others have written is no evidence here. A quote stands in its text word for word, and a "
    "reference was found by a search on record; whether the text means what it is quoted for, and "
    "whether it is right, is for its readers to say. A point written by a model is its wording: its "
    "references and numbers were held against the quotes, its sense was not.":
        "다른 이들이 쓴 것은 여기서 증거가 아니다. 인용문은 그 글에 낱말 그대로 있고, 참고 문헌은 기록에 있는 검색이 "
        "찾은 것이다; 글이 인용된 뜻을 담고 있는지, 그것이 옳은지는 읽는 이가 판단할 몫이다. 모형이 쓴 점은 모형의 "
        "표현이다: 참고 문헌과 수는 인용문과 대조했으나 뜻은 대조하지 않았다.",
    "these texts have no passage with all of that": "이 글들에는 그것이 모두 든 구절이 없다",
    "bad arguments": "잘못된 인자",
    "changed": "바뀜",
    "crashed": "비정상 종료",
    "empty": "비어 있음",
    "impossible": "불가능한 값",
    "out of domain": "적용 범위 밖",
    "out of memory": "메모리 부족",
    "refused": "거부됨",
    "retry": "다시 시도",
    "timed out": "시간 초과",
    "too large": "너무 큼",
    "unavailable": "사용 불가",
    "wrong shape": "잘못된 형식",
    "What others have written": "다른 이들이 쓴 것",
    "{found} found, {read} read; none of it is evidence. Numbers in brackets are those of the "
    "references below.":
        "찾은 것은 {found}, 읽은 것은 {read}; 어느 것도 증거가 아니다. 괄호 안의 수는 아래 참고 문헌의 번호이다.",
    "NOT BORNE OUT": "확인되지 않음",
    "Nothing was put together of it.": "이것으로 정리한 것이 없다.",
    "Not found": "찾지 못한 것",
    "References": "참고 문헌",
    "and {quotes} more on the record": "그 밖에 {quotes:이} 기록에 더 있다",
    "{works} more are on the record.": "{works:이} 기록에 더 있다.",
    "Searches": "검색",
    "Source and query": "출처와 검색어",
    "What came": "결과",
    "{works} of {total}": "{total}편 가운데 {works}",
    "{field} of {about}": "{about}의 {field}",
    "raises": "높인다",
    "lowers": "낮춘다",
    "neither": "영향 없음",
    "rules": "규칙",
    "{words}: from {least} to {most}, in the middle {middle}":
        "{words}: {least}에서 {most}까지, 가운데 값 {middle}",
    "{words}: {works} that it raises it": "{words}: 높인다고 쓴 문헌 {works}",
    "{words}: {works} that it lowers it": "{words}: 낮춘다고 쓴 문헌 {works}",
    "{words}: {works} that it does nothing to it": "{words}: 영향이 없다고 쓴 문헌 {works}",
    "one work says": "한 편",
    "two works say": "두 편",
    "three works say": "세 편",
    "four works say": "네 편",
    "many works say": "여러 편",
    "cites {cite}, which no search on record had found":
        "기록의 어느 검색도 찾은 적 없는 {cite:을} 인용한다",
    "speaks of {name}, which no search on record had found":
        "기록의 어느 검색도 찾은 적 없는 {name:을} 말한다",
    "cites {cite}, out of which nothing was read": "읽어 낸 것이 없는 {cite:을} 인용한다",
    "rests on no work": "바탕이 되는 문헌이 없다",
    "says {number}, which none of its quotes says": "{number:을} 말하지만 어느 인용에도 없다",
    "shares no word with what was read out of its works":
        "인용한 문헌에서 읽어 낸 것과 겹치는 낱말이 없다",
    "What was left out, and why": "뺀 것과 그 까닭",
    "Turned away": "물리친 가설",
    "Not decided, not tested": "판정되지 않거나 시험되지 않음",
    "Failed measurements": "실패한 측정",
    "On the way": "도중에",
    "Nothing.": "없음.",
    "None.": "없음.",
    "Appendix: measurements": "부록: 측정",
    "{shown} of {measured}: the first ones, and those that a finding names. The others are on the "
    "record.":
        "{measured} 중 {shown}건: 처음 것들과 결과가 가리키는 것들. 나머지는 기록에 있다.",
    "failed, {failure}": "실패, {failure}",
    "{purpose}, reading {reading}": "{purpose}, 읽기 {reading}",
    # the page
    "report of a run": "실행 보고서",
    "The answer in one glance": "한눈에 보는 답",
    "Drawing of {what}": "{what}의 그림",
    "what the hypothesis speaks of": "가설이 말하는 것",
    "What it speaks of.": "가설이 말하는 것.",
    "The drawing cannot be shown: {why}.": "그림을 보일 수 없다: {why}.",
    "Evidence over {draws}: for {for}, against {against}, threshold {threshold}":
        "{draws}의 증거: 찬성 {for}, 반대 {against}, 문턱 {threshold}",
    "scientist": "과학자",
    "seed": "시드",
    "(SHA-256 chain over {events})": "({events}의 SHA-256 사슬)",
    "Each number is computed from the record and leads to where it stands there.":
        "모든 수는 기록에서 계산되며 기록의 그 자리로 이어진다.",
    "The lines show ln E {for} and {against}, draw by draw; the dashes are the threshold.":
        "선은 추출마다의 ln E {for:과} {against}, 점선은 문턱이다.",
    "proposed by {by}": "제안: {by}",
    "rank weight {prior} ({ranked})": "순위 가중 {prior} ({ranked})",
    "Verdict: event #{at}.": "판정: 사건 #{at}.",
    "Provisionally {ruling} at draw {draw}: event #{at}.":
        "{draw}번째 추출에서 잠정 {ruling}: 사건 #{at}.",
    "Why it might be so.": "왜 그럴 수 있는가.",
    "Words, not evidence; proposed by {by}.": "말이지 증거가 아님; 제안: {by}.",
    "Words, not evidence; proposed by {by}, event #{at}.":
        "말이지 증거가 아님; 제안: {by}, 사건 #{at}.",
    "Prediction.": "예측.",
    "{for} and {against} after each draw. Dashed: the threshold, {threshold}.":
        "추출마다의 {for:과} {against}. 점선: 문턱 {threshold}.",
    "The dot marks the crossing at draw {draw}, which froze both.":
        "점은 양쪽을 얼린 {draw}번째 추출의 넘어섬이다.",
    "Measured {outcome} against what this law predicts, its one constant fitted. Spread of the "
    "residuals: {spread}.":
        "이 법칙의 예측(상수 하나를 맞춤)에 대한 측정된 {outcome}. 잔차의 퍼짐: {spread}.",
    "Measured {outcome} against what this law predicts, its one constant fitted. Spread of the "
    "residuals: {spread} in the natural logarithm.":
        "이 법칙의 예측(상수 하나를 맞춤)에 대한 측정된 {outcome}. 잔차의 퍼짐: 자연로그로 {spread}.",
    "Dashed: equality.": "점선: 같음.",
    "First minus second of each pair:": "쌍마다 첫째 빼기 둘째:",
    "{more} more, drawn after the decision or out of order, do not count.":
        "판정 뒤에 또는 순서 밖에서 뽑은 {more}회는 세지 않는다.",
    "The null allows {null} % hits, the effect of interest begins at {interest} %.":
        "귀무는 적중 {null} %까지 허용하고, 관심 효과는 {interest} %부터이다.",
    "Readings in the order drawn. Dashed: the null and the smallest effect of interest.":
        "뽑은 순서의 값. 점선: 귀무와 관심 있는 가장 작은 효과.",
    "No draw was made for it.": "이에 대한 추출이 없었다.",
    "The first {things} drawn": "처음 뽑은 {things}",
    "Registration: what was promised, before the first measurement made for it":
        "등록: 이를 위한 첫 측정 전에 약속한 것",
    "event #{at}, digest {digest}": "사건 #{at}, 다이제스트 {digest}",
    "All draws: {draws}": "모든 추출: {draws}",
    "All draws: {draws}, {failures}": "모든 추출: {draws}, {failures}",
    "Below each case:": "사례마다 그 아래:",
    "The first {shown}; {more} more are on the record.": "처음 {shown}회; {more}회가 기록에 더 있다.",
    "There are none.": "없다.",
    "The same measurements against each law's registered prediction, its one constant fitted, the "
    "closest first.":
        "같은 측정을 법칙마다 등록된 예측(상수 하나를 맞춤)과 견준 것, 가까운 것부터.",
    "Spread: standard deviation of the residuals.": "퍼짐: 잔차의 표준편차.",
    "Spread: standard deviation of the residuals in the natural logarithm.":
        "퍼짐: 자연로그로 나타낸 잔차의 표준편차.",
    "{laws} more not shown.": "{laws:은} 보이지 않았다.",
    "A picture, not the verdict: constants are fitted here after the fact.":
        "그림일 뿐 판정이 아니다: 상수는 나중에 맞추었다.",
    "{outcome}: the measurement is by {ours}, the check by {theirs}.":
        "{outcome}: 측정은 {ours}, 확인은 {theirs}.",
    "{cases} failed on one side.": "한쪽에서 실패한 것: {cases}.",
    "{cases} compared": "{cases} 비교",
    "{cases} tried, and no value on both sides.": "{cases:을} 시도했으나 양쪽 값이 있는 것이 없다.",
    "Opened after the last verdict; no scientist was ever given it.":
        "마지막 판정 뒤에 열었다; 어떤 과학자에게도 보인 적이 없다.",
    "The first runs the question anew; the others check this run, by its name or by the folder that "
    "this report lies in: {verify} derives every verdict and every claim from the record again, "
    "{replay} walks through it.":
        "첫 명령은 질문을 새로 실행한다; 나머지는 이름이나 이 보고서가 든 폴더로 이 실행을 확인한다: {verify}는 모든 "
        "판정과 주장을 기록에서 다시 끌어내고, {replay}는 기록을 따라 걷는다.",
    "All {measurements}, in the order made.": "모든 {measurements}, 한 순서대로.",
    "The uncertainty is one standard deviation, where the tool states one.":
        "불확도는 도구가 밝힌 경우의 표준편차이다.",
    "Nothing was measured.": "측정한 것이 없다.",
    "Written by gaseol from the record alone. The scientist proposed, tools measured, statistics "
    "decided. This page runs no script and loads nothing.":
        "gaseol이 기록만으로 썼다. 과학자가 제안하고, 도구가 측정하고, 통계가 판정했다. 이 쪽은 스크립트를 실행하지 "
        "않고 아무것도 불러오지 않는다.",
    "not on the record": "기록에 없음",
    "event #{at}": "사건 #{at}",
    "{events} events, the first #{first}": "사건 {events}개, 처음 #{first}",
    "the hypothesis' own table": "가설의 표",
    "{measurements} measurements": "측정 {measurements}건",
    # figures
    "Evidence over {draws} draws: ln E for ends at {for}, ln E against at {against}; the threshold "
    "is {threshold}.":
        "추출 {draws}회의 증거: ln E 찬성은 {for}, 반대는 {against}에서 끝난다; 문턱은 {threshold}.",
    "Evidence over {draws} draws: ln E for ends at {for}, ln E against at {against}; the threshold "
    "is {threshold}; it crosses at draw {draw}.":
        "추출 {draws}회의 증거: ln E 찬성은 {for}, 반대는 {against}에서 끝난다; 문턱은 {threshold}; {draw}번째 "
        "추출에서 넘는다.",
    "Differences between the two of each pair, first minus second: {tally}.":
        "쌍마다 둘의 차이, 첫째 빼기 둘째: {tally}.",
    "{points} readings in the order drawn.": "뽑은 순서의 값 {points}개.",
    "{points} measurements against the prediction, its constant fitted; the residuals have a "
    "standard deviation of {spread}.":
        "예측(상수를 맞춤)에 대한 측정 {points}건; 잔차의 표준편차는 {spread}.",
    "Measured outcomes against each law's prediction, its constant fitted. Spread of the residuals: "
    "{spreads}.":
        "법칙마다의 예측(상수를 맞춤)에 대한 측정 결과. 잔차의 퍼짐: {spreads}.",
    "{points} cases measured both ways; the dashed line is equality.":
        "두 방법으로 측정한 사례 {points}개; 점선은 같음.",
    # the terminal
    "ended: {reason}": "끝남: {reason}",
    "failed: {reason}": "실패: {reason}",
    "next it would measure:": "다음에 측정했을 것:",
    "interrupted; go on with: gaseol resume {run}": "중단됨; 이어 가려면: gaseol resume {run}",
    "paused for a person; see: gaseol todo {run}":
        "사람을 기다리며 멈춤; 볼 곳: gaseol todo {run}",
    "check it: gaseol verify {run}": "확인: gaseol verify {run}",
    "hypothesis": "가설",
    "verdict": "판정",
    "ln E for / against": "ln E 찬성 / 반대",
    "{title} (decided at {threshold})": "{title} ({threshold}에서 판정)",
    "{status}, scientist {scientist}, seed {seed}": "{status}, 과학자 {scientist}, 시드 {seed}",
    "predicted: {prediction}": "예측: {prediction}",
    "{verdict} ({basis}): {reason}": "{verdict} ({basis}): {reason}",
    " [agrees with what is known]": " [알려진 것과 일치]",
    " [DISAGREES with what is known]": " [알려진 것과 불일치]",
    "Turned away:": "물리친 가설:",
    "UNSUPPORTED by the record: {claim}": "기록이 뒷받침하지 않음: {claim}",
    "record: {path}": "기록: {path}",
    "report: {path}": "보고서: {path}",
}  # fmt: skip
"""By the English sentence, whose parts each sentence keeps."""
